import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ProblemException;
import io.camunda.client.api.response.ActivatedJob;
import io.camunda.client.api.search.enums.ElementInstanceState;
import io.camunda.client.api.search.enums.OwnerType;
import io.camunda.client.api.search.enums.PermissionType;
import io.camunda.client.api.search.enums.ProcessInstanceState;
import io.camunda.client.api.search.enums.ResourceType;
import io.camunda.client.api.search.enums.UserTaskState;
import io.camunda.client.api.search.response.DecisionInstanceState;
import io.camunda.client.api.search.response.SearchResponse;
import io.camunda.client.api.search.response.UserTask;
import io.camunda.client.api.worker.JobWorker;
import io.camunda.client.impl.basicauth.BasicAuthCredentialsProviderBuilder;
import java.net.URI;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The client for Java, as programs use it: what is served and it has a method for. Arguments: address, folder. */
public class CamundaJava {
  static CamundaClient camunda;

  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      return;
    }
    camunda = connect(args[0]);
    String folder = args[1];
    check(camunda.newTopologyRequest().send().join().getBrokers().size(), 1);
    long key = deploy(folder);
    tasks(key);
    paging(key);
    instances(key);
    definitions(key);
    decisions(folder);
    awaiting(key);
    listeners(folder);
    variables(key);
    people();
    System.out.println("done");
    System.exit(0);
  }

  static CamundaClient connect(String url) {
    return CamundaClient.newClientBuilder()
        .applyEnvironmentVariableOverrides(false)
        .preferRestOverGrpc(true)
        .restAddress(URI.create(url))
        .grpcAddress(URI.create(url))
        .credentialsProvider(
            new BasicAuthCredentialsProviderBuilder()
                .applyEnvironmentOverrides(false)
                .username("demo")
                .password("demo")
                .build())
        .build();
  }

  static void check(Object found, Object wanted) {
    if (!String.valueOf(wanted).equals(String.valueOf(found))) {
      throw new AssertionError("expected " + wanted + ", not " + found);
    }
  }

  static void refused(int status, String title, String detail, Callable<?> call) throws Exception {
    try {
      call.call();
    } catch (ProblemException problem) {
      check(problem.code(), status);
      check(problem.details().getTitle(), title);
      if (!problem.details().getDetail().contains(detail)) {
        throw new AssertionError("expected " + detail + " in " + problem.details().getDetail());
      }
      return;
    }
    throw new AssertionError("expected " + status);
  }

  static long deploy(String folder) {
    var deployed =
        camunda
            .newDeployResourceCommand()
            .addResourceFile(folder + "/leave.bpmn")
            .addResourceFile(folder + "/leave.form")
            .send()
            .join();
    check(deployed.getForm().get(0).getFormId(), "sdk-leave-form");
    check(deployed.getTenantId(), "<default>");
    return deployed.getProcesses().get(0).getProcessDefinitionKey();
  }

  static void decisions(String folder) throws Exception {
    var deployed = camunda.newDeployResourceCommand().addResourceFile(folder + "/allowance.dmn").send().join();
    check(deployed.getDecisions().size(), 2);
    var requirements = deployed.getDecisionRequirements().get(0);
    long graph = requirements.getDecisionRequirementsKey();
    check(requirements.getDmnDecisionRequirementsName(), "Allowances");
    var left = camunda.newDecisionDefinitionSearchRequest()
        .filter(f -> f.decisionDefinitionId("sdk-left").decisionRequirementsKey(graph).version(1))
        .sort(s -> s.decisionDefinitionKey().asc()).send().join().singleItem();
    check(left.getDmnDecisionName(), "Days left");
    check(camunda.newDecisionDefinitionGetRequest(left.getDecisionKey()).send().join().getDmnDecisionId(), "sdk-left");
    check(camunda.newDecisionDefinitionGetXmlRequest(left.getDecisionKey()).send().join().contains("sdk-days"), true);
    check(camunda.newDecisionRequirementsGetRequest(graph).send().join().getResourceName(), folder + "/allowance.dmn");
    check(camunda.newDecisionRequirementsGetXmlRequest(graph).send().join().contains("sdk-days"), true);
    check(camunda.newDecisionRequirementsSearchRequest().filter(f -> f.decisionRequirementsName("Allowances"))
        .send().join().singleItem().getVersion(), 1);
    var evaluated = camunda.newEvaluateDecisionCommand().decisionId("sdk-left")
        .variables(Map.of("years", 12, "taken", 4)).send().join();
    check(evaluated.getDecisionOutput(), "26");
    check(evaluated.getEvaluatedDecisions().size(), 2);
    var rule = evaluated.getEvaluatedDecisions().get(0).getMatchedRules().get(0);
    check(rule.getRuleId() + rule.getRuleIndex() + rule.getEvaluatedOutputs().get(0).getOutputName(), "long1Days");
    check(evaluated.getEvaluatedDecisions().get(0).getEvaluatedInputs().get(0).getInputValue(), "12");
    var failed = camunda.newEvaluateDecisionCommand().decisionKey(left.getDecisionKey()).send().join();
    check(failed.getFailedDecisionId(), "sdk-left");
    refused(404, "NOT_FOUND", "no decision found for id 'nope'",
        () -> camunda.newEvaluateDecisionCommand().decisionId("nope").send().join());
    var instances = camunda.newDecisionInstanceSearchRequest()
        .filter(f -> f.decisionDefinitionId("sdk-days").decisionInstanceKey(evaluated.getDecisionInstanceKey()))
        .send().join();
    String id = instances.singleItem().getDecisionInstanceId();
    var instance = camunda.newDecisionInstanceGetRequest(id).send().join();
    check(instance.getResult(), "30");
    check(instance.getMatchedRules().get(0).getRuleId(), "long");
    check(camunda.newDecisionInstanceSearchRequest().filter(f -> f.state(DecisionInstanceState.FAILED))
        .send().join().singleItem().getDecisionDefinitionId(), "sdk-left");
  }

  static UserTask started(long key, Map<String, Object> variables) {
    long instance =
        camunda.newCreateInstanceCommand().processDefinitionKey(key).variables(variables).send().join()
            .getProcessInstanceKey();
    return camunda
        .newUserTaskSearchRequest()
        .filter(f -> f.processInstanceKey(instance).state(UserTaskState.CREATED))
        .send()
        .join()
        .singleItem();
  }

  static void tasks(long definition) throws Exception {
    UserTask task = started(definition, Map.of("days", 3, "who", "anna"));
    long key = task.getUserTaskKey();
    check(task.getPriority(), 70);
    check(task.getState(), UserTaskState.CREATED);
    check(task.getCandidateUsers(), List.of("demo", "lisa"));
    check(task.getCustomHeaders(), Map.of("kind", "leave"));
    check(task.getDueDate(), OffsetDateTime.parse("2030-12-01T09:00:00Z"));
    check(camunda.newUserTaskGetFormRequest(key).send().join().getFormId(), "sdk-leave-form");
    check(camunda.newUserTaskVariableSearchRequest(key).sort(s -> s.name()).send().join().items().size(), 2);
    camunda.newAssignUserTaskCommand(key).assignee("anna").allowOverride(false).send().join();
    refused(409, "INVALID_STATE", "it has already been assigned",
        () -> camunda.newAssignUserTaskCommand(key).assignee("lisa").allowOverride(false).send().join());
    refused(400, "INVALID_ARGUMENT", "No assignee provided",
        () -> camunda.newAssignUserTaskCommand(key).send().join());
    filters(task);
    camunda.newUpdateUserTaskCommand(key).priority(10).clearDueDate().candidateGroups("a", "b").send().join();
    UserTask updated = camunda.newUserTaskGetRequest(key).send().join();
    check(updated.getPriority(), 10);
    check(updated.getDueDate(), null);
    check(updated.getCandidateGroups(), List.of("a", "b"));
    refused(400, "INVALID_ARGUMENT", "cannot be parsed as a date",
        () -> camunda.newUpdateUserTaskCommand(key).dueDate("x").send().join());
    refused(400, "INVALID_ARGUMENT", "No update data provided",
        () -> camunda.newUpdateUserTaskCommand(key).send().join());
    camunda.newUnassignUserTaskCommand(key).send().join();
    check(camunda.newUserTaskGetRequest(key).send().join().getAssignee(), null);
    camunda.newCompleteUserTaskCommand(key).action("approve").variables(Map.of("approved", true)).send().join();
    refused(404, "NOT_FOUND", "no such user task was found",
        () -> camunda.newCompleteUserTaskCommand(key).send().join());
    refused(404, "NOT_FOUND", "not found", () -> camunda.newUserTaskGetRequest(1L).send().join());
    check(camunda.newUserTaskGetRequest(key).send().join().getState(), UserTaskState.COMPLETED);
  }

  /** Each operator: this client sends two empty lists along with all of them. */
  static void filters(UserTask task) {
    long instance = task.getProcessInstanceKey();
    check(count(f -> f.processInstanceKey(instance)), 1);
    check(count(f -> f.processInstanceKey(instance).assignee("anna")), 1);
    check(count(f -> f.processInstanceKey(instance).assignee(a -> a.eq("anna"))), 1);
    check(count(f -> f.processInstanceKey(instance).assignee(a -> a.neq("anna"))), 0);
    check(count(f -> f.processInstanceKey(instance).assignee(a -> a.in("anna", "lisa"))), 1);
    check(count(f -> f.processInstanceKey(instance).assignee(a -> a.in("lisa"))), 0);
    check(count(f -> f.processInstanceKey(instance).assignee(a -> a.exists(true))), 1);
    check(count(f -> f.processInstanceKey(instance).assignee(a -> a.like("an*"))), 1);
    check(count(f -> f.processInstanceKey(instance).candidateUser(a -> a.eq("lisa"))), 1);
    check(count(f -> f.processInstanceKey(instance).candidateGroup(a -> a.neq("clerks"))), 0);
    check(count(f -> f.processInstanceKey(instance).priority(p -> p.gte(70).lt(71))), 1);
    check(count(f -> f.processInstanceKey(instance).priority(p -> p.gt(70))), 0);
    check(count(f -> f.processInstanceKey(instance).priority(p -> p.in(1, 70))), 1);
    check(count(f -> f.processInstanceKey(instance).state(s -> s.in(UserTaskState.CREATED, UserTaskState.FAILED))), 1);
    check(count(f -> f.processInstanceKey(instance).state(s -> s.neq(UserTaskState.CREATED))), 0);
    OffsetDateTime due = OffsetDateTime.parse("2030-12-01T10:00:00+01:00");
    check(count(f -> f.processInstanceKey(instance).dueDate(d -> d.lte(due).gt(due.minusSeconds(1)))), 1);
    check(count(f -> f.processInstanceKey(instance).dueDate(due)), 1);
    check(count(f -> f.processInstanceKey(instance).followUpDate(d -> d.exists(false))), 1);
    check(count(f -> f.processInstanceKey(instance).tenantId(t -> t.eq("<default>"))), 1);
    check(count(f -> f.processInstanceVariables(Map.of("days", 3, "who", "\"anna\""))), 1);
    check(count(f -> f.processInstanceVariables(List.of(v -> v.name("who").value(w -> w.like("\"a*"))))), 1);
    check(count(f -> f.processInstanceKey(instance).bpmnProcessId("sdk-leave").elementId("ask").name("Ask")), 1);
  }

  static int count(java.util.function.Consumer<io.camunda.client.api.search.filter.UserTaskFilter> filter) {
    return camunda.newUserTaskSearchRequest().filter(filter).send().join().items().size();
  }

  static void paging(long definition) throws Exception {
    for (int i = 0; i < 5; i++) {
      camunda.newCreateInstanceCommand().processDefinitionKey(definition).send().join();
    }
    SearchResponse<UserTask> first = page(definition, null);
    check(first.items().size(), 2);
    check(first.page().totalItems(), 5);
    SearchResponse<UserTask> second = page(definition, first.page().endCursor());
    check(second.items().get(0).getUserTaskKey() > first.items().get(1).getUserTaskKey(), true);
    var back =
        camunda.newUserTaskSearchRequest()
            .filter(f -> f.processDefinitionKey(definition).state(UserTaskState.CREATED))
            .sort(s -> s.creationDate().asc())
            .page(p -> p.limit(2).before(second.page().startCursor()))
            .send().join();
    check(back.items().get(0).getUserTaskKey(), first.items().get(0).getUserTaskKey());
    check(camunda.newUserTaskSearchRequest().page(p -> p.from(1).limit(1)).send().join().items().size(), 1);
    check(camunda.newUserTaskSearchRequest().page(p -> p.limit(1)).send().join().items().size(), 1);
    check(camunda.newUserTaskSearchRequest().send().join().items().size() > 5, true);
    refused(400, "Bad Request", "page.after",
        () -> camunda.newUserTaskSearchRequest().page(p -> p.after("%")).send().join());
    refused(400, "INVALID_ARGUMENT", "page.limit",
        () -> camunda.newUserTaskSearchRequest().page(p -> p.limit(-1)).send().join());
  }

  static SearchResponse<UserTask> page(long definition, String after) {
    return camunda
        .newUserTaskSearchRequest()
        .filter(f -> f.processDefinitionKey(definition).state(UserTaskState.CREATED))
        .sort(s -> s.creationDate().asc())
        .page(p -> { p.limit(2); if (after != null) p.after(after); })
        .send()
        .join();
  }

  static void instances(long definition) throws Exception {
    var made =
        camunda.newCreateInstanceCommand().bpmnProcessId("sdk-leave").latestVersion()
            .variable("days", 7).tags("a", "b:c").send().join();
    long key = made.getProcessInstanceKey();
    check(made.getVersion(), 1);
    var instance = camunda.newProcessInstanceGetRequest(key).send().join();
    check(instance.getState(), ProcessInstanceState.ACTIVE);
    check(instance.getProcessDefinitionVersionTag(), "v1");
    var found =
        camunda.newProcessInstanceSearchRequest()
            .filter(f -> f.processInstanceKey(k -> k.in(key, 1L)).processDefinitionVersionTag(t -> t.exists(true))
                .state(s -> s.eq(ProcessInstanceState.ACTIVE)).variables(Map.of("days", 7)))
            .sort(s -> s.startDate().desc()).send().join();
    check(found.items().size(), 1);
    var either =
        camunda.newProcessInstanceSearchRequest()
            .filter(f -> f.orFilters(List.of(o -> o.processInstanceKey(key), o -> o.processDefinitionId("nope"))))
            .send().join();
    check(either.items().size(), 1);
    var element =
        camunda.newElementInstanceSearchRequest()
            .filter(f -> f.processInstanceKey(key).state(s -> s.eq(ElementInstanceState.ACTIVE)).elementId("ask"))
            .send().join().singleItem();
    check(camunda.newElementInstanceGetRequest(element.getElementInstanceKey()).send().join().getElementId(), "ask");
    camunda.newSetVariablesCommand(element.getElementInstanceKey()).variables(Map.of("note", "x")).local(true)
        .send().join();
    camunda.newCancelInstanceCommand(key).send().join();
    refused(404, "NOT_FOUND", "no such process was found",
        () -> camunda.newCancelInstanceCommand(key).send().join());
    refused(404, "NOT_FOUND", "none found",
        () -> camunda.newCreateInstanceCommand().bpmnProcessId("nope").latestVersion().send().join());
    check(camunda.newProcessInstanceGetRequest(key).send().join().getState(), ProcessInstanceState.TERMINATED);
    var at = camunda.newCreateInstanceCommand().processDefinitionKey(definition).startBeforeElement("ask").send().join();
    check(at.getBpmnProcessId(), "sdk-leave");
  }

  static void definitions(long key) throws Exception {
    check(camunda.newProcessDefinitionGetRequest(key).send().join().getVersionTag(), "v1");
    check(camunda.newProcessDefinitionGetXmlRequest(key).send().join().contains("sdk-leave"), true);
    var found =
        camunda.newProcessDefinitionSearchRequest()
            .filter(f -> f.processDefinitionId("sdk-leave").isLatestVersion(true)).send().join();
    check(found.singleItem().getVersion(), 1);
    check(camunda.newProcessDefinitionGetFormRequest(key).send().join().getFormId(), null);
    refused(404, "NOT_FOUND", "not found", () -> camunda.newProcessDefinitionGetRequest(1).send().join());
    refused(400, "INVALID_ARGUMENT", "encountered the following errors",
        () -> camunda.newDeployResourceCommand().addResourceStringUtf8("<x/>", "x.bpmn").send().join());
  }

  static void awaiting(long definition) throws Exception {
    var result =
        CompletableFuture.supplyAsync(
            () -> camunda.newCreateInstanceCommand().processDefinitionKey(definition).variable("late", 1)
                .withResult().fetchVariables("approved").requestTimeout(Duration.ofSeconds(20)).send().join());
    List<UserTask> open = List.of();
    while (open.isEmpty()) {
      open = camunda.newUserTaskSearchRequest()
          .filter(f -> f.state(UserTaskState.CREATED).processInstanceVariables(Map.of("late", 1))).send().join().items();
    }
    camunda.newCompleteUserTaskCommand(open.get(0).getUserTaskKey()).variables(Map.of("approved", true)).send().join();
    check(result.get(20, TimeUnit.SECONDS).getVariablesAsMap(), Map.of("approved", true));
  }

  static void listeners(String folder) throws Exception {
    camunda.newDeployResourceCommand().addResourceFile(folder + "/guarded.bpmn").send().join();
    camunda.newCreateInstanceCommand().bpmnProcessId("sdk-guarded").latestVersion()
        .variables(Map.of("price", 5)).send().join();
    UserTask again = camunda.newUserTaskSearchRequest()
        .filter(f -> f.elementId("check").state(UserTaskState.CREATED)).send().join().singleItem();
    var completing = camunda.newCompleteUserTaskCommand(again.getUserTaskKey()).send();
    ActivatedJob taken = null;
    while (taken == null) {
      var jobs = camunda.newActivateJobsCommand().jobType("sdk-check").maxJobsToActivate(1)
          .timeout(Duration.ofSeconds(60)).requestTimeout(Duration.ofSeconds(1)).send().join().getJobs();
      taken = jobs.isEmpty() ? null : jobs.get(0);
    }
    long key = taken.getKey();
    camunda.newUpdateTimeoutCommand(key).timeout(Duration.ofSeconds(30)).send().join();
    camunda.newUpdateRetriesCommand(key).retries(5).send().join();
    camunda.newUpdateJobCommand(key).updateRetries(4).send().join();
    camunda.newFailCommand(key).retries(1).errorMessage("again").send().join();
    taken = camunda.newActivateJobsCommand().jobType("sdk-check").maxJobsToActivate(1)
        .timeout(Duration.ofSeconds(60)).send().join().getJobs().get(0);
    camunda.newCompleteCommand(taken).withResult(r -> r.forUserTask().deny(true, "not yet")).send().join();
    refused(409, "INVALID_STATE", "not yet", () -> completing.join());
    refused(404, "NOT_FOUND", "no such job was found", () -> camunda.newCompleteCommand(key).send().join());
    CompletableFuture<ActivatedJob> seen = new CompletableFuture<>();
    JobWorker worker =
        camunda.newWorker().jobType("sdk-check")
            .handler((client, job) -> {
              client.newCompleteCommand(job).withResult(r -> r.forUserTask().deny(false)).send().join();
              seen.complete(job);
            })
            .pollInterval(Duration.ofMillis(50)).timeout(Duration.ofSeconds(60)).open();
    long outer = camunda.newCreateInstanceCommand().bpmnProcessId("sdk-guarded").latestVersion()
        .variables(Map.of("price", 5)).send().join().getProcessInstanceKey();
    UserTask held = camunda.newUserTaskSearchRequest().filter(f -> f.elementId("check").state(UserTaskState.CREATED))
        .sort(s -> s.creationDate().desc()).send().join().items().get(0);
    camunda.newCompleteUserTaskCommand(held.getUserTaskKey()).send().join();
    ActivatedJob job = seen.get(20, TimeUnit.SECONDS);
    check(job.getKind(), "TASK_LISTENER");
    check(job.getUserTask().getUserTaskKey(), held.getUserTaskKey());
    worker.close();
    check(camunda.newProcessInstanceGetRequest(outer).send().join().getState(), ProcessInstanceState.COMPLETED);
  }

  static void variables(long definition) throws Exception {
    UserTask task = started(definition, Map.of("long", "x".repeat(9000)));
    var found = camunda.newVariableSearchRequest()
        .filter(f -> f.processInstanceKey(task.getProcessInstanceKey()).name(n -> n.eq("long"))).send().join();
    check(found.singleItem().isTruncated(), true);
    check(camunda.newVariableGetRequest(found.singleItem().getVariableKey()).send().join().getValue().length(), 9002);
    var whole = camunda.newUserTaskVariableSearchRequest(task.getUserTaskKey()).withFullValues().send().join();
    check(whole.singleItem().getValue().length(), 9002);
  }

  static void people() throws Exception {
    camunda.newCreateUserCommand().username("j-user").password("x").name("J User").email("j@example.com").send().join();
    refused(409, "ALREADY_EXISTS", "a user with this username already exists",
        () -> camunda.newCreateUserCommand().username("j-user").password("x").name("n").email("a@b.c").send().join());
    check(camunda.newUserGetRequest("j-user").send().join().getEmail(), "j@example.com");
    camunda.newUpdateUserCommand("j-user").name("J").email("k@example.com").password("y").send().join();
    check(camunda.newUsersSearchRequest().filter(f -> f.username("j-user")).send().join().singleItem().getName(), "J");
    camunda.newCreateGroupCommand().groupId("j-group").name("G").description("d").send().join();
    camunda.newUpdateGroupCommand("j-group").name("G2").description("e").send().join();
    check(camunda.newGroupGetRequest("j-group").send().join().getName(), "G2");
    check(camunda.newGroupsSearchRequest().filter(f -> f.groupId("j-group")).send().join().items().size(), 1);
    camunda.newAssignUserToGroupCommand().username("j-user").groupId("j-group").send().join();
    check(camunda.newUsersByGroupSearchRequest("j-group").send().join().singleItem().getUsername(), "j-user");
    camunda.newAssignClientToGroupCommand().clientId("j-client").groupId("j-group").send().join();
    check(camunda.newClientsByGroupSearchRequest("j-group").send().join().items().size(), 1);
    camunda.newCreateRoleCommand().roleId("j-role").name("R").description("d").send().join();
    camunda.newUpdateRoleCommand("j-role").name("R2").description("").send().join();
    check(camunda.newRoleGetRequest("j-role").send().join().getName(), "R2");
    check(camunda.newRolesSearchRequest().filter(f -> f.roleId("j-role")).send().join().items().size(), 1);
    camunda.newAssignRoleToUserCommand().roleId("j-role").username("j-user").send().join();
    camunda.newAssignRoleToGroupCommand().roleId("j-role").groupId("j-group").send().join();
    camunda.newAssignRoleToClientCommand().roleId("j-role").clientId("j-client").send().join();
    check(camunda.newUsersByRoleSearchRequest("j-role").send().join().items().size(), 1);
    check(camunda.newGroupsByRoleSearchRequest("j-role").send().join().items().size(), 1);
    check(camunda.newClientsByRoleSearchRequest("j-role").send().join().items().size(), 1);
    check(camunda.newRolesByGroupSearchRequest("j-group").send().join().items().size(), 1);
    camunda.newCreateMappingRuleCommand().claimName("c").claimValue("v").name("M").mappingRuleId("j-rule").send().join();
    check(camunda.newMappingRulesSearchRequest().filter(f -> f.mappingRuleId("j-rule")).send().join().items().size(), 1);
    camunda.newAssignRoleToMappingRuleCommand().roleId("j-role").mappingRuleId("j-rule").send().join();
    check(camunda.newMappingRulesByRoleSearchRequest("j-role").send().join().items().size(), 1);
    camunda.newCreateTenantCommand().tenantId("j-tenant").name("T").description("d").send().join();
    camunda.newUpdateTenantCommand("j-tenant").name("T2").description("e").send().join();
    check(camunda.newTenantGetRequest("j-tenant").send().join().getName(), "T2");
    camunda.newAssignUserToTenantCommand().username("j-user").tenantId("j-tenant").send().join();
    camunda.newAssignRoleToTenantCommand().roleId("j-role").tenantId("j-tenant").send().join();
    check(camunda.newUsersByTenantSearchRequest("j-tenant").send().join().items().size(), 1);
    check(camunda.newRolesByTenantSearchRequest("j-tenant").send().join().items().size(), 1);
    camunda.newUnassignUserFromTenantCommand().username("j-user").tenantId("j-tenant").send().join();
    refused(404, "NOT_FOUND", "",
        () -> camunda.newUnassignUserFromTenantCommand().username("j-user").tenantId("j-tenant").send().join());
    long granted = camunda.newCreateAuthorizationCommand().ownerId("j-role").ownerType(OwnerType.ROLE).resourceId("*")
        .resourceType(ResourceType.USER).permissionTypes(PermissionType.READ).send().join().getAuthorizationKey();
    camunda.newUpdateAuthorizationCommand(granted).ownerId("j-role").ownerType(OwnerType.ROLE).resourceId("*")
        .resourceType(ResourceType.USER).permissionTypes(PermissionType.READ, PermissionType.UPDATE).send().join();
    check(camunda.newAuthorizationGetRequest(granted).send().join().getPermissionTypes().size(), 2);
    check(camunda.newAuthorizationSearchRequest()
        .filter(f -> f.ownerId("j-role").resourceType(ResourceType.USER)).send().join().items().size(), 1);
    camunda.newDeleteAuthorizationCommand(granted).send().join();
    camunda.newUnassignRoleFromUserCommand().roleId("j-role").username("j-user").send().join();
    camunda.newUnassignUserFromGroupCommand().username("j-user").groupId("j-group").send().join();
    camunda.newDeleteTenantCommand("j-tenant").send().join();
    camunda.newDeleteRoleCommand("j-role").send().join();
    camunda.newDeleteGroupCommand("j-group").send().join();
    camunda.newDeleteUserCommand("j-user").send().join();
    refused(404, "NOT_FOUND", "", () -> camunda.newUserGetRequest("j-user").send().join());
  }
}
