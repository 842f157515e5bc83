// Node's `soap`, SOAP 1.1 and 1.2:  NODE_PATH=node/node_modules node client.js ADDRESS_OF_THE_SERVICE
const assert = require('assert');
const soap = require('soap');

const address = process.argv[2];
const xmlcriteria = '<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>';

async function main() {
  for (const forceSoap12Headers of [false, true]) {
    const client = await soap.createClientAsync(`${address}?WSDL`, { forceSoap12Headers });
    const call = async (method, parameters) => (await client[`${method}Async`](parameters))[0][`${method}Result`];
    const login = async (name) => (await call('AuthenticateUser', { UID: name, PWD: name })).response.attributes.ticket;
    const AuthenticationTicket = await login('jdoe');
    const admin = await login('admin');
    const found = await call('getTasks', { AuthenticationTicket, xmlcriteria, SortBy: 'DueDate', AscendingOrder: true });
    const listed = [].concat(found.response.tasks.Task).map((task) => Number(task.TaskID));
    assert.strictEqual(listed.length, Number(found.response.attributes.taskCount));
    const done = await call('CompleteTask', { AuthenticationTicket, taskId: listed[0], comments: 'Ünï & <co>' });
    assert.strictEqual(done.response.attributes.success, 'true');
    const moved = await call('TransferUserTasks', { AuthenticationTicket: admin, FromUserName: 'jdoe', ToUserName: 'jdoe' });
    assert.strictEqual(moved.root.attributes.success, 'true');
    const refused = await call('UserExists', { AuthenticationTicket, UserName: '€' });
    assert.strictEqual(refused.response.attributes.error, 'User not found');
    client.addSoapHeader('<x:Secret xmlns:x="urn:x" soap:mustUnderstand="1"/>');
    await assert.rejects(client.ServerInfoAsync({}), /SOAP header Secret was not understood\./);
    console.log(forceSoap12Headers ? 'SOAP 1.2' : 'SOAP 1.1', 'tasks', listed.join(','));
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
