// The client for Camunda 8.9 as it is installed, with its strictest check of our answers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createCamundaClient } from '@camunda8/orchestration-cluster-api'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const camunda = createCamundaClient({
  config: {
    CAMUNDA_REST_ADDRESS: process.argv[2],
    CAMUNDA_AUTH_STRATEGY: 'BASIC',
    CAMUNDA_BASIC_AUTH_USERNAME: 'demo',
    CAMUNDA_BASIC_AUTH_PASSWORD: 'demo',
    CAMUNDA_SDK_VALIDATION: 'req:none,res:fanatical',
  },
})
const now = { consistency: { waitUpToMs: 0 } }
const fails = async (status, detail, call) => {
  try {
    await call()
  } catch (error) {
    assert.equal(error.status, status, `${error.status} ${error.detail} instead of ${status} ${detail}`)
    assert.match(error.detail ?? error.message, detail)
    return
  }
  assert.fail(`expected ${status}`)
}

const topology = await camunda.getTopology()
assert.equal(topology.brokers[0].partitions[0].role, 'leader')
assert.equal((await camunda.getLicense()).licenseType, 'unknown')
assert.equal((await camunda.getAuthentication()).username, 'demo')

const deployed = await camunda.deployResourcesFromFiles([here('leave.bpmn'), here('leave.form')])
const [process_] = deployed.processes
const { processDefinitionKey } = process_
assert.equal(deployed.forms[0].formId, 'sdk-leave-form')
const again = await camunda.deployResourcesFromFiles([here('leave.bpmn')])
assert.equal(again.processes[0].processDefinitionKey, processDefinitionKey)

const definition = await camunda.getProcessDefinition({ processDefinitionKey }, now)
assert.equal(definition.versionTag, 'v1')
assert.equal(await camunda.getProcessDefinitionXml({ processDefinitionKey }, now), readFileSync(here('leave.bpmn'), 'utf8'))
const found = await camunda.searchProcessDefinitions({ filter: { processDefinitionId: 'sdk-leave', isLatestVersion: true } }, now)
assert.equal(found.items.length, 1)

const instance = await camunda.createProcessInstance({
  processDefinitionId: 'sdk-leave', variables: { days: 3, who: { name: 'Ann' } }, tags: ['first:one'],
})
const { processInstanceKey } = instance
const tasks = await camunda.searchUserTasks({
  filter: { processInstanceKey, processInstanceVariables: [{ name: 'days', value: '3' }], tags: ['first:one'] },
}, now)
assert.equal(tasks.page.totalItems, 1)
const { userTaskKey, elementInstanceKey } = tasks.items[0]
assert.deepEqual(tasks.items[0].candidateUsers, ['demo', 'lisa'])

const form = await camunda.getUserTaskForm({ userTaskKey }, now)
assert.equal(form.schema, readFileSync(here('leave.form'), 'utf8'))
await camunda.createElementInstanceVariables({ elementInstanceKey, variables: { days: 4, note: 'mine' }, local: true })
const seen = await camunda.searchUserTaskVariables({ userTaskKey, sort: [{ field: 'name', order: 'asc' }] }, now)
assert.deepEqual(seen.items.map((v) => [v.name, v.value]), [['days', '3'], ['days', '4'], ['note', '"mine"'], ['who', '{"name":"Ann"}']])
const effective = await camunda.searchUserTaskEffectiveVariables({ userTaskKey, sort: [{ field: 'name', order: 'asc' }] }, now)
assert.deepEqual(effective.items.map((v) => v.value), ['4', '"mine"', '{"name":"Ann"}'])
const variable = await camunda.getVariable({ variableKey: seen.items[3].variableKey }, now)
assert.equal(variable.value, '{"name":"Ann"}')
const mine = await camunda.searchVariables({ filter: { processInstanceKey, name: { $like: 'd*' } } }, now)
assert.equal(mine.items.length, 2)

await camunda.assignUserTask({ userTaskKey, assignee: 'demo' })
await fails(409, /it has already been assigned/, () => camunda.assignUserTask({ userTaskKey, assignee: 'lisa', allowOverride: false }))
await camunda.unassignUserTask({ userTaskKey })
await camunda.assignUserTask({ userTaskKey, assignee: 'lisa', allowOverride: false })
await camunda.updateUserTask({ userTaskKey, changeset: { priority: 80, dueDate: '2031-01-01T00:00:00Z', candidateGroups: [] } })
await fails(400, /must be within the \[0,100\] range/, () => camunda.updateUserTask({ userTaskKey, changeset: { priority: 101 } }))
const task = await camunda.getUserTask({ userTaskKey }, now)
assert.deepEqual([task.assignee, task.priority, task.candidateGroups, task.dueDate], ['lisa', 80, [], '2031-01-01T00:00:00.000Z'])

const elements = await camunda.searchElementInstances({ filter: { processInstanceKey }, sort: [{ field: 'startDate', order: 'asc' }] }, now)
assert.deepEqual(elements.items.map((e) => e.type), ['PROCESS', 'START_EVENT', 'USER_TASK'])
assert.equal((await camunda.getElementInstance({ elementInstanceKey }, now)).state, 'ACTIVE')

await camunda.completeUserTask({ userTaskKey, variables: { approved: true } })
await fails(404, /no such user task was found/, () => camunda.completeUserTask({ userTaskKey }))
const log = await camunda.searchUserTaskAuditLogs({ userTaskKey, sort: [{ field: 'timestamp', order: 'asc' }] }, now)
assert.deepEqual(log.items.map((l) => l.operationType), ['ASSIGN', 'UNASSIGN', 'ASSIGN', 'UPDATE', 'COMPLETE'])
const ended = await camunda.getProcessInstance({ processInstanceKey }, now)
assert.equal(ended.state, 'COMPLETED')
const listed = await camunda.searchProcessInstances({ filter: { processInstanceKey: { $in: [processInstanceKey] }, state: 'COMPLETED' } }, now)
assert.equal(listed.items[0].processDefinitionVersionTag, 'v1')

const waiting = camunda.createProcessInstance({ processDefinitionKey, variables: { a: 1 }, awaitCompletion: true, fetchVariables: ['approved'], requestTimeout: 20000 })
let open
while (!(open = (await camunda.searchUserTasks({ filter: { state: 'CREATED', processDefinitionId: 'sdk-leave' } }, now)).items[0]));
await camunda.completeUserTask({ userTaskKey: open.userTaskKey, variables: { approved: 'yes' } })
assert.deepEqual((await waiting).variables, { approved: 'yes' })
await fails(504, /timed out between gateway and broker/, () => camunda.createProcessInstance({ processDefinitionKey, awaitCompletion: true, requestTimeout: 200 }))

const other = await camunda.createProcessInstance({ processDefinitionKey })
await camunda.cancelProcessInstance({ processInstanceKey: other.processInstanceKey })
await fails(404, /no such process was found/, () => camunda.cancelProcessInstance({ processInstanceKey: other.processInstanceKey }))
await fails(404, /Expected to find process definition with process ID 'nope', but none found/, () => camunda.createProcessInstance({ processDefinitionId: 'nope' }))
await fails(404, /User Task with key '1' not found/, () => camunda.getUserTask({ userTaskKey: '1' }, now))
const ann = { username: 'ann', password: 'secret', name: 'Ann Lee', email: 'ann@example.com' }
assert.equal((await camunda.createUser(ann)).name, 'Ann Lee')
await fails(409, /already exists/, () => camunda.createUser(ann))
await camunda.createGroup({ groupId: 'sdk-group', name: 'Group' })
await camunda.assignUserToGroup({ groupId: 'sdk-group', username: 'ann' })
assert.deepEqual((await camunda.searchUsersForGroup({ groupId: 'sdk-group' }, now)).items, [{ username: 'ann' }])
assert.equal((await camunda.searchUsers({ filter: { name: { $like: 'Ann*' } } }, now)).items.length, 1)
await camunda.deleteGroup({ groupId: 'sdk-group' })
await camunda.deleteUser({ username: 'ann' })
await fails(404, /User with username 'ann' not found/, () => camunda.getUser({ username: 'ann' }, now))
console.log('done')
