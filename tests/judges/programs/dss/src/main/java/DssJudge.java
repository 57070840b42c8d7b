import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxNativeObjectFactory;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The European Commission's DSS, offline. Its argument is a folder: "*.pem" in it are the only
 * certificates to trust, one each, "*.crl" the revocation lists at hand. Each line of its input is
 * a file, the time of the check (2026-12-10T00:00:00Z), and, with commas between, lists in place of those.
 */
public final class DssJudge {
    private static final CommonTrustedCertificateSource TRUSTED = new CommonTrustedCertificateSource();
    private static final List<File> LISTS = new ArrayList<>();

    private DssJudge() {}

    public static void main(String[] arguments) throws Exception {
        for (File one : new File(arguments[0]).listFiles()) {
            if (one.getName().endsWith(".pem")) TRUSTED.addCertificate(DSSUtils.loadCertificate(one));
            if (one.getName().endsWith(".crl")) LISTS.add(one);
        }
        Batch.run(fields -> judge(new File(fields[0]), Instant.parse(fields[1]), fields[2]));
    }

    private static Map<String, Object> judge(File file, Instant at, String more) throws Exception {
        var validator = new PDFDocumentValidator(new FileDocument(file));
        validator.setPdfObjFactory(reader());
        validator.setCertificateVerifier(offline(more));
        validator.setValidationTime(Date.from(at));
        Reports reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        Map<String, Object> found = new TreeMap<>();
        found.put("signatures", simple.getSignaturesCount());
        // Of several signatures the first is told: there must be one.
        for (String id : simple.getSignatureIdList().stream().limit(1).toList()) {
            SubIndication why = simple.getSubIndication(id);
            found.put("verdict", simple.getIndication(id) + (why == null ? "" : "/" + why));
            found.put("form", simple.getSignatureFormat(id));
            found.put("changes", changes(reports.getDiagnosticData().getSignatureById(id).getPDFRevision()));
        }
        return found;
    }

    /** Reads as usual, but of the pages as pictures it compares the first: each takes seconds. */
    private static PdfBoxNativeObjectFactory reader() {
        var differences = new DefaultPdfDifferencesFinder();
        differences.setMaximalPagesAmountForVisualComparison(1);
        var factory = new PdfBoxNativeObjectFactory();
        factory.setPdfDifferencesFinder(differences);
        return factory;
    }

    /** Whether a certified file was changed: "extension" means data for validation alone. */
    private static String changes(PDFRevisionWrapper revision) {
        if (revision == null) return "unknown";
        List<Collection<?>> unwanted = List.of(revision.getPdfSignatureOrFormFillChanges(),
            revision.getPdfAnnotationChanges(), revision.getPdfUndefinedChanges());
        if (revision.arePdfModificationsDetected() || unwanted.stream().anyMatch(one -> !one.isEmpty())) return "yes";
        return revision.getPdfExtensionChanges().isEmpty() ? "no" : "extension";
    }

    private static CommonCertificateVerifier offline(String more) throws Exception {
        List<InputStream> opened = new ArrayList<>();
        // Of two lists of one authority, DSS would take either.
        if (more.isEmpty()) for (File list : LISTS) opened.add(new FileInputStream(list));
        else for (String list : more.split(",")) opened.add(new FileInputStream(list));
        var verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(TRUSTED);
        verifier.setAIASource(null);
        verifier.setCrlSource(new ExternalResourcesCRLSource(opened.toArray(InputStream[]::new)));
        return verifier;
    }
}
