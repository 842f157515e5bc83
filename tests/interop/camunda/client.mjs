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

const { decisions } = await camunda.deployResourcesFromFiles([here('allowance.dmn')])
assert.deepEqual(decisions.map((d) => d.decisionDefinitionId), ['sdk-days', 'sdk-left'])
const { decisionDefinitionKey, decisionRequirementsKey } = decisions[1]
const evaluated = await camunda.evaluateDecision({ decisionDefinitionId: 'sdk-left', variables: { years: 12, taken: 4 } })
assert.equal(evaluated.output, '26')
assert.deepEqual(evaluated.evaluatedDecisions[0].matchedRules.map((r) => r.ruleId), ['long'])
assert.equal((await camunda.evaluateDecision({ decisionDefinitionKey })).failedDecisionDefinitionId, 'sdk-left')
await fails(404, /no decision found for id 'nope'/, () => camunda.evaluateDecision({ decisionDefinitionId: 'nope' }))
assert.equal((await camunda.getDecisionDefinition({ decisionDefinitionKey }, now)).decisionRequirementsName, 'Allowances')
const rules = await camunda.searchDecisionDefinitions({ filter: { isLatestVersion: true, decisionRequirementsId: 'sdk-allowances' } }, now)
assert.equal(rules.page.totalItems, 2)
assert.equal(await camunda.getDecisionDefinitionXml({ decisionDefinitionKey }, now), readFileSync(here('allowance.dmn'), 'utf8'))
assert.equal(await camunda.getDecisionRequirementsXml({ decisionRequirementsKey }, now), readFileSync(here('allowance.dmn'), 'utf8'))
assert.equal((await camunda.searchDecisionRequirements({ filter: { decisionRequirementsName: 'Allowances' } }, now)).items.length, 1)
assert.equal((await camunda.getDecisionRequirements({ decisionRequirementsKey }, now)).version, 1)
const { decisionEvaluationKey } = evaluated
const came = await camunda.searchDecisionInstances({ filter: { decisionEvaluationKey }, sort: [{ field: 'decisionEvaluationInstanceKey', order: 'asc' }] }, now)
assert.deepEqual(came.items.map((i) => i.result), ['30', '26'])
const [{ decisionEvaluationInstanceKey }] = came.items
assert.equal((await camunda.getDecisionInstance({ decisionEvaluationInstanceKey }, now)).evaluatedInputs[0].inputValue, '12')

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

// roles, tenants, mapping rules, their members, and what is granted
const bob = { username: 'bob', password: 'bob', name: 'Bob', email: 'bob@example.com' }
await camunda.createUser(bob)
await camunda.createRole({ roleId: 'sdk-role', name: 'Role', description: 'of the client' })
assert.equal((await camunda.getRole({ roleId: 'sdk-role' }, now)).description, 'of the client')
await camunda.updateRole({ roleId: 'sdk-role', name: 'Changed' })
await camunda.assignRoleToUser({ roleId: 'sdk-role', username: 'bob' })
assert.deepEqual((await camunda.searchUsersForRole({ roleId: 'sdk-role' }, now)).items, [{ username: 'bob' }])
await camunda.createTenant({ tenantId: 'sdk-tenant', name: 'Tenant' })
await camunda.assignRoleToTenant({ tenantId: 'sdk-tenant', roleId: 'sdk-role' })
assert.equal((await camunda.searchRolesForTenant({ tenantId: 'sdk-tenant' }, now)).items[0].name, 'Changed')
await camunda.createMappingRule({ mappingRuleId: 'sdk-rule', claimName: 'a', claimValue: 'b', name: 'Rule' })
await camunda.assignRoleToMappingRule({ roleId: 'sdk-role', mappingRuleId: 'sdk-rule' })
assert.equal((await camunda.searchMappingRulesForRole({ roleId: 'sdk-role' }, now)).items[0].claimValue, 'b')
assert.equal((await camunda.searchMappingRule({ filter: { claimName: 'a' } }, now)).items.length, 1)
await fails(409, /already exists/, () => camunda.createRole({ roleId: 'sdk-role', name: 'Role' }))

const asBob = createCamundaClient({
  config: {
    CAMUNDA_REST_ADDRESS: process.argv[2],
    CAMUNDA_AUTH_STRATEGY: 'BASIC',
    CAMUNDA_BASIC_AUTH_USERNAME: 'bob',
    CAMUNDA_BASIC_AUTH_PASSWORD: 'bob',
    CAMUNDA_SDK_VALIDATION: 'req:none,res:fanatical',
  },
})
const held = await camunda.createProcessInstance({ processDefinitionKey })
const heldTask = (await camunda.searchUserTasks({ filter: { processInstanceKey: held.processInstanceKey } }, now)).items[0]
const bobs = { userTaskKey: heldTask.userTaskKey }
await fails(403, /Unauthorized to perform operation 'READ_USER_TASK'/, () => asBob.getUserTask(bobs, now))
await fails(403, /Insufficient permissions to perform operation 'UPDATE_USER_TASK'/, () => asBob.completeUserTask(bobs))
assert.equal((await asBob.searchUserTasks({}, now)).items.length, 0)
const grant = await camunda.createAuthorization({
  ownerId: 'sdk-role', ownerType: 'ROLE', resourceId: 'sdk-leave', resourceType: 'PROCESS_DEFINITION',
  permissionTypes: ['READ_USER_TASK', 'CLAIM_USER_TASK', 'COMPLETE_USER_TASK'],
})
assert.equal((await camunda.getAuthorization(grant, now)).ownerType, 'ROLE')
assert.equal((await camunda.searchAuthorizations({ filter: { ownerId: 'sdk-role' } }, now)).items.length, 1)
assert.deepEqual((await asBob.getAuthentication()).roles, ['sdk-role'])
await asBob.assignUserTask({ ...bobs, assignee: 'bob', allowOverride: false })
await fails(403, /'ASSIGN' rejected/, () => asBob.unassignUserTask(bobs))
await asBob.completeUserTask(bobs)
await camunda.deleteAuthorization(grant)
await fails(404, /does not exist/, () => camunda.deleteAuthorization(grant))
await camunda.deleteMappingRule({ mappingRuleId: 'sdk-rule' })
await camunda.deleteTenant({ tenantId: 'sdk-tenant' })
await camunda.deleteRole({ roleId: 'sdk-role' })

// a listener of the client's own holds the completion, corrects it, and denies it once
const guarded = await camunda.deployResourcesFromFiles([here('guarded.bpmn')])
const run = await camunda.createProcessInstance({ processDefinitionKey: guarded.processes[0].processDefinitionKey, variables: { price: 5 } })
const called = (await camunda.searchProcessInstances({ filter: { parentProcessInstanceKey: run.processInstanceKey } }, now)).items[0]
assert.equal(called.rootProcessInstanceKey, run.processInstanceKey)
const total = (await camunda.searchVariables({ filter: { processInstanceKey: called.processInstanceKey, name: 'total' } }, now)).items[0]
assert.equal(total.value, '10')
const guardedTask = (await camunda.searchUserTasks({ filter: { processInstanceKey: called.processInstanceKey } }, now)).items[0]
const take = async () => {
  const { jobs } = await camunda.activateJobs({ type: 'sdk-check', worker: 'me', timeout: 60000, maxJobsToActivate: 1, requestTimeout: 20000 })
  assert.equal(jobs[0].listenerEventType, 'COMPLETING')
  assert.equal(jobs[0].userTask.userTaskKey, guardedTask.userTaskKey)
  return jobs[0].jobKey
}
const refusedOnce = fails(409, /denied by Task Listener\. Reason to deny: 'not yet'/, () => camunda.completeUserTask({ userTaskKey: guardedTask.userTaskKey }))
await camunda.completeJob({ jobKey: await take(), result: { type: 'userTask', denied: true, deniedReason: 'not yet' } })
await refusedOnce
const completed = camunda.completeUserTask({ userTaskKey: guardedTask.userTaskKey })
const jobKey = await take()
await camunda.failJob({ jobKey, retries: 1, errorMessage: 'again' })
await camunda.completeJob({ jobKey: await take(), result: { type: 'userTask', corrections: { priority: 99 } } })
await completed
assert.equal((await camunda.getUserTask({ userTaskKey: guardedTask.userTaskKey }, now)).priority, 99)
assert.equal((await camunda.getProcessInstance({ processInstanceKey: run.processInstanceKey }, now)).state, 'COMPLETED')
const all = await camunda.searchAuditLogs({ filter: { processInstanceKey: called.processInstanceKey }, sort: [{ field: 'auditLogKey' }] }, now)
assert.ok(all.items.some((l) => l.entityType === 'JOB'))
assert.equal((await camunda.getAuditLog({ auditLogKey: all.items[0].auditLogKey }, now)).operationType, 'CREATE')
await camunda.deleteResource({ resourceKey: guarded.processes[0].processDefinitionKey })
await fails(404, /but none found/, () => camunda.createProcessInstance({ processDefinitionKey: guarded.processes[0].processDefinitionKey }))

// races: one winner, and the others are told so
const race = async (calls) => {
  const outcomes = await Promise.allSettled(calls.map((call) => call()))
  return outcomes.filter((o) => o.status === 'rejected').map((o) => o.reason)
}
for (let round = 0; round < 20; round += 1) {
  const contest = await camunda.createProcessInstance({ processDefinitionId: 'sdk-leave' })
  const { userTaskKey } = (await camunda.searchUserTasks({ filter: { processInstanceKey: contest.processInstanceKey } }, now)).items[0]
  const claims = await race(['ann', 'ben', 'cat'].map((assignee) => () => camunda.assignUserTask({ userTaskKey, assignee, allowOverride: false })))
  assert.deepEqual(claims.map((e) => e.status), [409, 409])
  assert.ok(claims.every((e) => e.detail.includes(`Expected to claim user task with key '${userTaskKey}', but it has already been assigned`)))
  const ends = await race([
    () => camunda.completeUserTask({ userTaskKey }),
    () => camunda.completeUserTask({ userTaskKey }),
    () => camunda.cancelProcessInstance({ processInstanceKey: contest.processInstanceKey }),
  ])
  assert.deepEqual(ends.map((e) => e.status), [404, 404])
}
await camunda.deleteUser({ username: 'bob' })
console.log('done')
