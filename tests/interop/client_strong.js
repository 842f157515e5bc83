// strong-soap, SOAP 1.1 and 1.2:  NODE_PATH=node/node_modules node client_strong.js ADDRESS_OF_THE_SERVICE
const assert = require('assert');
const { soap } = require('strong-soap');

const address = process.argv[2];
const xmlcriteria = '<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>';
const xmlParameters = `<TaskCreationRequestModel><RequestedAssigneeName>jdoe</RequestedAssigneeName>
<Instructions>Prüfen &amp; € 📄</Instructions><DueDate>2097-01-01T12:00:00</DueDate>
<PermissionChangeDueDate>true</PermissionChangeDueDate></TaskCreationRequestModel>`;

async function scenario(client, port) {
  const invoke = (method, parameters) =>
    new Promise((resolve, reject) => {
      client.srv[port][method](parameters, (error, answer) => (error ? reject(error) : resolve(answer[`${method}Result`])));
    });
  const call = async (method, parameters) => (await invoke(method, parameters)).response;
  const login = async (name) => (await call('AuthenticateUser', { UID: name, PWD: name })).$attributes.ticket;
  const AuthenticationTicket = await login('jdoe');
  const admin = await login('admin');

  const made = await call('CreateTask', { AuthenticationTicket: admin, documentPath: '/Corporate/Contracts/Agreement.docx', xmlParameters });
  const taskId = Number(made.Value.TaskId);
  const found = await call('getTasks', { AuthenticationTicket, xmlcriteria, SortBy: 'DueDate', AscendingOrder: true });
  const listed = found.tasks.Task.map((task) => Number(task.TaskID));
  assert.strictEqual(listed.length, Number(found.$attributes.taskCount));
  assert(listed.includes(taskId));

  const read = async () => (await call('GetTask', { AuthenticationTicket, taskId })).Task;
  const newDueDate = new Date(Date.UTC(2098, 4, 6, 7, 8, 9));
  const changed = await call('ChangeTaskDueDate', { AuthenticationTicket, taskId, newDueDate, allowedStartTimeSpan: 0 });
  assert.strictEqual(changed.$attributes.success, 'true');
  await call('SetTaskComment', { AuthenticationTicket, taskId, comments: 'Ünï & <co>' });
  assert.strictEqual((await read()).DueDate, '2098-05-06 07:08:09');
  assert.strictEqual((await read()).ShortInstruction, 'Prüfen & € 📄');
  assert.strictEqual((await read()).ShortComments, 'Ünï & <co>');
  // a comment that is not sent stays, an empty one does not; the date is the least one of .NET, which means none
  const status = { AuthenticationTicket, taskId, taskStatus: 10, finishDate: '0001-01-01T00:00:00' };
  assert.strictEqual((await call('UpdateTaskStatus', status)).$attributes.success, 'true');
  assert.strictEqual((await read()).ShortComments, 'Ünï & <co>');
  assert.strictEqual((await call('UpdateTaskStatus', { ...status, comments: '' })).$attributes.success, 'true');
  assert.notStrictEqual((await read()).ShortComments, 'Ünï & <co>');

  const done = await call('CompleteTask', { AuthenticationTicket, taskId, comments: 'Ünï & <co>' });
  assert.strictEqual(done.$attributes.success, 'true');
  assert.strictEqual((await read()).TaskStatus, 'Completed');
  const again = await call('CompleteTask', { AuthenticationTicket, taskId, comments: null });
  assert.strictEqual(again.$attributes.error, 'The task is already completed');
  const moved = await invoke('TransferUserTasks', { AuthenticationTicket: admin, FromUserName: 'jdoe', ToUserName: 'jdoe' });
  assert.strictEqual(moved.root.$attributes.success, 'true');
  const refused = await call('UserExists', { AuthenticationTicket, UserName: '€' });
  assert.strictEqual(refused.$attributes.error, 'User not found');
  client.addSoapHeader('<x:Secret xmlns:x="urn:x" soap:mustUnderstand="1"/>');
  await assert.rejects(invoke('ServerInfo', {}), /SOAP header Secret was not understood\./);
  return listed.join(',');
}

async function main() {
  const client = await new Promise((resolve, reject) => {
    soap.createClient(`${address}?WSDL`, {}, (error, made) => (error ? reject(error) : resolve(made)));
  });
  for (const [version, port] of [['1.1', 'srvSoap'], ['1.2', 'srvSoap12']]) {
    console.log(`SOAP ${version} tasks ${await scenario(client, port)}`);
    client.clearSoapHeaders();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
