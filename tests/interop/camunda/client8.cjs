// The older client (@camunda8/sdk), as it is installed.
const assert = require('node:assert/strict')
const { join } = require('node:path')
const { Camunda8 } = require('@camunda8/sdk')

const c8 = new Camunda8({
  CAMUNDA_AUTH_STRATEGY: 'BASIC',
  CAMUNDA_BASIC_AUTH_USERNAME: 'demo',
  CAMUNDA_BASIC_AUTH_PASSWORD: 'demo',
  ZEEBE_REST_ADDRESS: process.argv[2],
})
const camunda = c8.getCamundaRestClient()
const file = (name) => join(__dirname, name)
const fails = async (status, detail, call) => {
  await assert.rejects(call, (error) => {
    const said = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error.message)
    assert.match(said, new RegExp(String(status)), said)
    assert.match(said, detail)
    return true
  })
}

async function main() {
  assert.equal((await camunda.getTopology()).brokers.length, 1)
  const deployed = await camunda.deployResourcesFromFiles([file('leave.bpmn'), file('leave.form')])
  const { processDefinitionKey } = deployed.processes[0]
  const started = await camunda.createProcessInstance({ processDefinitionKey, variables: { days: 2 } })
  const { processInstanceKey } = started
  const tasks = await camunda.searchUserTasks({ filter: { processInstanceKey } })
  assert.equal(tasks.items.length, 1)
  const { userTaskKey } = tasks.items[0]
  await camunda.assignUserTask({ userTaskKey, assignee: 'demo' })
  await camunda.unassignUserTask({ userTaskKey })
  await camunda.assignUserTask({ userTaskKey, assignee: 'demo', allowOverride: false })
  await fails(409, /already been assigned/, () => camunda.assignUserTask({ userTaskKey, assignee: 'lisa', allowOverride: false }))
  assert.equal((await camunda.getUserTask(userTaskKey)).assignee, 'demo')
  const variables = await camunda.searchVariables({ filter: { processInstanceKey } })
  assert.equal(variables.items[0].value, '2')
  assert.equal((await camunda.getVariable({ variableKey: variables.items[0].variableKey })).value, 2)
  await camunda.updateElementInstanceVariables({ elementInstanceKey: tasks.items[0].elementInstanceKey, variables: { days: 5 } })
  const seen = await camunda.searchUserTaskVariables({ userTaskKey })
  assert.deepEqual(seen.items.map((v) => v.value), ['5'])
  assert.equal((await camunda.getProcessDefinition(processDefinitionKey)).processDefinitionId, 'sdk-leave')
  await camunda.completeUserTask({ userTaskKey, variables: { approved: true } })
  await fails(404, /no such user task was found/, () => camunda.completeUserTask({ userTaskKey }))
  const instance = await camunda.searchProcessInstances({ filter: { processInstanceKey } })
  assert.equal(instance.items[0].state, 'COMPLETED')

  const result = camunda.createProcessInstanceWithResult({ processDefinitionKey, variables: {}, requestTimeout: 20000 })
  let open
  do {
    open = (await camunda.searchUserTasks({ filter: { state: 'CREATED', processDefinitionKey } })).items[0]
  } while (!open)
  await camunda.completeUserTask({ userTaskKey: open.userTaskKey, variables: { approved: 'yes' } })
  assert.equal((await result).variables.approved, 'yes')

  const other = await camunda.createProcessInstance({ processDefinitionKey, variables: {} })
  await camunda.cancelProcessInstance({ processInstanceKey: other.processInstanceKey })
  await fails(404, /no such process was found/, () => camunda.cancelProcessInstance({ processInstanceKey: other.processInstanceKey }))
  const unknown = { processDefinitionId: 'nope', variables: {} }
  await fails(404, /Expected to find process definition/, () => camunda.createProcessInstance(unknown))
  console.log('done')
}
main().catch((error) => {
  console.error(error)
  process.exit(1)
})
