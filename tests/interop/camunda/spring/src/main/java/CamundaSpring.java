import io.camunda.client.CamundaClient;
import io.camunda.client.annotation.Deployment;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.Variable;
import io.camunda.client.api.response.ActivatedJob;
import io.camunda.client.api.search.response.ProcessInstance;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * An application as the starter wants it: it deploys a file when it starts, and its worker does user tasks of the old
 * kind. Its argument is an address.
 */
@Configuration
@EnableAutoConfiguration
@Deployment(resources = "classpath:old.bpmn")
public class CamundaSpring {
  private static final CompletableFuture<String> SEEN = new CompletableFuture<>();

  @JobWorker(type = "io.camunda.zeebe:userTask")
  public Map<String, Object> work(ActivatedJob job, @Variable String order) {
    String group = job.getCustomHeaders().get("io.camunda.zeebe:candidateGroups");
    SEEN.complete(job.getElementId() + " of " + order + " for " + group);
    return Map.of("approved", true);
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      return; // it was only to be built
    }
    SpringApplication application = new SpringApplication(CamundaSpring.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setBannerMode(Banner.Mode.OFF);
    String[] settings = {
      "--camunda.client.mode=self-managed",
      "--camunda.client.prefer-rest-over-grpc=true",
      "--camunda.client.rest-address=" + arguments[0],
      "--camunda.client.auth.method=basic",
      "--camunda.client.auth.username=demo",
      "--camunda.client.auth.password=demo",
    };
    try (ConfigurableApplicationContext context = application.run(settings)) {
      CamundaClient client = context.getBean(CamundaClient.class);
      var result =
          client
              .newCreateInstanceCommand()
              .bpmnProcessId("old")
              .latestVersion()
              .variables(Map.of("order", "A1"))
              .withResult()
              .send()
              .join();
      check("ask of A1 for [\"clerks\"]".equals(SEEN.join()), SEEN.join());
      check(Boolean.TRUE.equals(result.getVariablesAsMap().get("approved")), result.getVariables());
      ProcessInstance instance = client.newProcessInstanceGetRequest(result.getProcessInstanceKey()).send().join();
      check(instance.getState().name().equals("COMPLETED"), instance.getState().name());
    }
    System.out.println("done");
    System.exit(0); // threads of the client would keep Maven waiting
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
