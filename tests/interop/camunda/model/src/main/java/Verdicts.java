import io.camunda.zeebe.model.bpmn.Bpmn;
import io.camunda.zeebe.model.bpmn.traversal.ModelWalker;
import io.camunda.zeebe.model.bpmn.validation.ValidationVisitor;
import io.camunda.zeebe.model.bpmn.validation.zeebe.ZeebeDesignTimeValidators;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;
import org.camunda.bpm.model.xml.validation.ValidationResultType;

/**
 * What the library says of each file of a folder, in another file: a line with its name and `accepted` or `unreadable`,
 * or one for each complaint, with the element and the text.
 */
public final class Verdicts {
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      return; // it was only to be built
    }
    List<Path> files;
    try (Stream<Path> listed = Files.list(Path.of(arguments[0]))) {
      files = listed.sorted().toList();
    }
    try (PrintStream verdicts = new PrintStream(arguments[1], StandardCharsets.UTF_8)) {
      for (Path file : files) {
        judge(file, verdicts);
      }
    }
  }

  private static void judge(Path file, PrintStream verdicts) throws IOException {
    String name = file.getFileName().toString();
    try (InputStream stream = Files.newInputStream(file)) {
      var visitor = new ValidationVisitor(ZeebeDesignTimeValidators.VALIDATORS);
      new ModelWalker(Bpmn.readModelFromStream(stream)).walk(visitor);
      var complaints = visitor.getValidationResult().getResults();
      if (complaints.isEmpty()) {
        verdicts.println(name + "\taccepted");
      }
      complaints.forEach(
          (element, results) ->
              results.stream()
                  .filter(result -> result.getType() == ValidationResultType.ERROR)
                  .forEach(result -> verdicts.println(name + "\t" + path(element) + "\t" + result.getMessage())));
    } catch (RuntimeException unreadable) { // it throws what it likes
      verdicts.println(name + "\tunreadable\t" + String.valueOf(unreadable.getMessage()).lines().findFirst().orElse(""));
    }
  }

  /** By its id, or by where it is inside of something that has one. */
  private static String path(ModelElementInstance element) {
    String id = element.getAttributeValue("id");
    if (id != null && !id.isEmpty()) {
      return id;
    }
    ModelElementInstance parent = element.getParentElement();
    String type = element.getElementType().getTypeName();
    return parent == null ? type : path(parent) + " > " + type;
  }
}
