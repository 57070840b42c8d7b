import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.validation.profiles.RuleId;

/** veraPDF: each file as PDF/A-3a and as PDF/UA-1, by veraPDF's own profiles. */
public final class VeraPdfJudge {
    private static final PDFAFlavour[] FLAVOURS = {PDFAFlavour.PDFA_3_A, PDFAFlavour.PDFUA_1};

    private VeraPdfJudge() {}

    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        Batch.run(fields -> judge(new File(fields[0])));
    }

    private static Map<String, Object> judge(File file) throws Exception {
        Map<String, Object> found = new TreeMap<>();
        for (PDFAFlavour flavour : FLAVOURS) {
            try (var parser = Foundries.defaultInstance().createParser(file, flavour);
                    var validator = Foundries.defaultInstance().createValidator(flavour, false)) {
                var broken = new TreeSet<String>();
                var result = validator.validate(parser);
                for (TestAssertion one : result.getTestAssertions()) {
                    RuleId rule = one.getRuleId();
                    if (one.getStatus() == TestAssertion.Status.FAILED)
                        broken.add(rule.getClause() + "-" + rule.getTestNumber());
                }
                found.put(flavour.getId(), result.isCompliant() ? "pass" : "fail " + String.join(" ", broken));
            }
        }
        return found;
    }
}
