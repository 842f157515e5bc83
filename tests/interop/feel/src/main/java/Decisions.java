import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.camunda.dmn.Audit;
import org.camunda.dmn.DmnEngine;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.FeelEngineBuilder;
import org.camunda.feel.syntaxtree.*;
import org.camunda.feel.valuemapper.JavaCustomValueMapper;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads lines {"document", "lazy"?, "questions": [{"decision" (a name) or "id", "variables": {name: FEEL}}]} of the
 * first file and writes to the second one {"refused"} or {"answers"}: what the engine makes of each decision, with
 * the decisions that it came by. Values are as in Answers.
 */
public final class Decisions {
  /** Leaves values as the engine has them. */
  static final class Untouched extends JavaCustomValueMapper {
    @Override public Optional<Val> toValue(Object x, Function<Object, Val> inner) { return Optional.empty(); }
    @Override public Optional<Object> unpackValue(Val value, Function<Val, Object> inner) { return Optional.of(value); }
    @Override public int priority() { return 100; }
  }

  static final FeelEngineApi FEEL = FeelEngineBuilder.create().withCustomValueMapper(new Untouched()).build();

  public static void main(String[] arguments) throws Exception {
    DmnEngine.Builder builder = new DmnEngine.Builder()
        .clock(() -> ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC));
    DmnEngine strict = builder.build();
    DmnEngine lazy = builder.lazyEvaluation(true).escapeNamesWithSpaces(true).escapeNamesWithDashes(true).build();
    try (var questions = Files.lines(Path.of(arguments[0]));
        var answers = Files.newBufferedWriter(Path.of(arguments[1]))) {
      for (var line : (Iterable<String>) questions::iterator) {
        JsonNode asked = Answers.JSON.readTree(line);
        answers.write(Answers.JSON.writeValueAsString(answer(asked.path("lazy").asBoolean() ? lazy : strict, asked)));
        answers.newLine();
      }
    }
  }

  static ObjectNode answer(DmnEngine engine, JsonNode asked) {
    ObjectNode answer = Answers.NODES.objectNode();
    try {
      byte[] document = asked.get("document").asText().getBytes(StandardCharsets.UTF_8);
      var parsed = engine.parse(new ByteArrayInputStream(document));
      if (parsed.isLeft()) return answer.put("refused", parsed.left().get().message());
      ArrayNode answers = answer.putArray("answers");
      for (JsonNode question : asked.path("questions")) {
        answers.add(decided(engine, parsed.right().get(), question));
      }
    } catch (Throwable error) {
      answer.removeAll();
      answer.put("refused", String.valueOf(error.getMessage()));
    }
    return answer;
  }

  static ObjectNode decided(DmnEngine engine, org.camunda.dmn.parser.ParsedDmn parsed, JsonNode question) {
    ObjectNode answer = Answers.NODES.objectNode();
    try {
      Map<String, Object> variables = new HashMap<>();
      for (var entry : (Iterable<Map.Entry<String, JsonNode>>) () -> question.get("variables").fields()) {
        variables.put(entry.getKey(), FEEL.evaluateExpression(entry.getValue().asText(), Map.of()).result());
      }
      var result = question.has("id")
          ? engine.eval(parsed, question.get("id").asText(), variables)
          : engine.evalByName(parsed, question.get("decision").asText(), variables);
      Audit.AuditLog log;
      if (result.isLeft()) {
        answer.put("failure", result.left().get().failure().message());
        log = result.left().get().auditLog();
      } else {
        // what it came to is told last, as the engine has it
        log = result.right().get().auditLog();
        answer.set("value", Answers.encoded(log.entries().last().result().result()));
      }
      ArrayNode decisions = answer.putArray("log");
      for (var entry : CollectionConverters.asJava(log.entries())) decisions.add(entry(entry));
    } catch (Throwable error) {
      answer.removeAll();
      answer.put("failure", "thrown: " + error);
    }
    return answer;
  }

  static ObjectNode entry(Audit.AuditLogEntry entry) {
    ObjectNode told = Answers.NODES.objectNode();
    told.put("id", entry.id());
    told.put("logic", entry.decisionLogic().getClass().getSimpleName());
    told.set("result", Answers.encoded(entry.result().result()));
    if (entry.result() instanceof Audit.DecisionTableEvaluationResult table) {
      ArrayNode inputs = told.putArray("inputs");
      for (var input : CollectionConverters.asJava(table.inputs())) inputs.add(Answers.encoded(input.value()));
      ArrayNode rules = told.putArray("rules");
      for (var matched : CollectionConverters.asJava(table.matchedRules())) {
        ObjectNode rule = rules.addObject().put("id", matched.rule().id());
        ArrayNode outputs = rule.putArray("outputs");
        for (var output : CollectionConverters.asJava(matched.outputs())) outputs.add(Answers.encoded(output.value()));
      }
    }
    return told;
  }
}
