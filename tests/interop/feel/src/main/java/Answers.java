import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.camunda.feel.api.EvaluationResult;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.FeelEngineBuilder;
import org.camunda.feel.api.ParseResult;
import org.camunda.feel.syntaxtree.*;
import org.camunda.feel.valuemapper.JavaCustomValueMapper;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads lines {"text", "variables", "input"?} of the first file and writes to the second one what the engine makes of
 * each: {"value"}, {"failure"} or {"unparsable"}. Values that JSON has not are objects of one member, their kind.
 */
public final class Answers {
  static final ObjectMapper JSON = new ObjectMapper();
  static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Leaves values as the engine has them. */
  static final class Untouched extends JavaCustomValueMapper {
    @Override public Optional<Val> toValue(Object x, Function<Object, Val> inner) {
      if (!(x instanceof Map<?, ?> entries)) return Optional.empty();
      // in the order that they have
      scala.collection.immutable.Map<String, Object> variables = scala.collection.immutable.VectorMap$.MODULE$.empty();
      for (var entry : entries.entrySet()) {
        variables = variables.updated(String.valueOf(entry.getKey()), inner.apply(entry.getValue()));
      }
      return Optional.of(new ValContext(new org.camunda.feel.context.Context.StaticContext(
          variables, scala.collection.immutable.Map$.MODULE$.empty())));
    }
    @Override public Optional<Object> unpackValue(Val value, Function<Val, Object> inner) { return Optional.of(value); }
    @Override public int priority() { return 100; }
  }

  public static void main(String[] arguments) throws Exception {
    FeelEngineApi engine = FeelEngineBuilder.create()
        .withCustomValueMapper(new Untouched())
        .withClock(() -> ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC))
        .build();
    try (var questions = Files.lines(Path.of(arguments[0]));
        var answers = Files.newBufferedWriter(Path.of(arguments[1]))) {
      for (var line : (Iterable<String>) questions::iterator) {
        answers.write(JSON.writeValueAsString(answer(engine, JSON.readTree(line))));
        answers.newLine();
      }
    }
  }

  @SuppressWarnings("unchecked")
  static ObjectNode answer(FeelEngineApi engine, JsonNode question) {
    ObjectNode answer = NODES.objectNode();
    String text = question.get("text").asText();
    boolean unary = question.has("input");
    try {
      ParseResult parsed = unary ? engine.parseUnaryTests(text) : engine.parseExpression(text);
      if (parsed.isFailure()) {
        return answer.put("unparsable", parsed.failure().message());
      }
      JsonNode given = question.get("variables");
      Map<String, Object> variables = given == null ? new HashMap<>() : JSON.convertValue(given, Map.class);
      EvaluationResult result = unary
          ? engine.evaluateWithInput(parsed.parsedExpression(), JSON.convertValue(question.get("input"), Object.class), variables)
          : engine.evaluate(parsed.parsedExpression(), variables);
      if (result.isFailure()) {
        answer.put("failure", result.failure().message());
      } else {
        answer.set("value", encoded(result.result()));
      }
    } catch (Throwable error) {
      answer.put("failure", "thrown: " + error);
    }
    return answer;
  }

  static JsonNode encoded(Object value) {
    if (value == null || value == ValNull$.MODULE$) return NODES.nullNode();
    if (value instanceof ValBoolean v) return NODES.booleanNode(v.value());
    if (value instanceof Boolean v) return NODES.booleanNode(v);
    if (value instanceof ValString v) return NODES.textNode(v.value());
    if (value instanceof ValNumber v) return tagged("number", v.value().toString());
    if (value instanceof ValDate) return tagged("date", value.toString());
    if (value instanceof ValLocalTime) return tagged("local time", value.toString());
    if (value instanceof ValTime) return tagged("time", value.toString());
    if (value instanceof ValLocalDateTime) return tagged("local date and time", value.toString());
    if (value instanceof ValDateTime) return tagged("date and time", value.toString());
    if (value instanceof ValDayTimeDuration) return tagged("days and time duration", value.toString());
    if (value instanceof ValYearMonthDuration) return tagged("years and months duration", value.toString());
    if (value instanceof ValRange) return tagged("range", value.toString());
    if (value instanceof ValFunction) return tagged("function", value.toString());
    if (value instanceof ValList v) {
      var list = NODES.arrayNode();
      for (Object item : CollectionConverters.asJava(v.itemsAsSeq())) list.add(encoded(item));
      return list;
    }
    if (value instanceof ValContext v) {
      var entries = NODES.objectNode();
      var variables = v.context().variableProvider().getVariables();
      for (var entry : CollectionConverters.asJava(variables).entrySet()) {
        entries.set(entry.getKey(), encoded(entry.getValue()));
      }
      return NODES.objectNode().set("context", entries);
    }
    if (value instanceof Map<?, ?> v) {
      var entries = NODES.objectNode();
      for (var entry : v.entrySet()) entries.set(String.valueOf(entry.getKey()), encoded(entry.getValue()));
      return NODES.objectNode().set("context", entries);
    }
    if (value instanceof String v) return NODES.textNode(v);
    if (value instanceof Integer || value instanceof Long) return tagged("number", value.toString());
    if (value instanceof Double v) return tagged("number", scala.math.BigDecimal.decimal(v).toString());
    return tagged(value.getClass().getSimpleName(), value.toString());
  }

  static ObjectNode tagged(String kind, String text) { return NODES.objectNode().put(kind, text); }
}
