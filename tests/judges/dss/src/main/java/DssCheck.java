import eu.europa.esig.dss.detailedreport.DetailedReport;
import eu.europa.esig.dss.diagnostic.CertificateWrapper;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlObjectModification;
import eu.europa.esig.dss.diagnostic.jaxb.XmlSignatureScope;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.simplereport.jaxb.XmlTimestamp;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.io.FileInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * DssCheck [--trust CERT]... [--crl LIST]... [--at 2026-11-28T00:00:00Z] [--long] FILE...
 *
 * The European Commission's DSS, offline, judges each signature of each file with the
 * certificates of --trust as only anchors (both for seals and for timestamps).
 * One line per file: "VERDICT format signatures=n modifications=no|extension|yes FILE";
 * with --long all messages, the certificate's usage, what is covered and what was
 * modified. An extension is validation data or a document timestamp, which a certified
 * file may get (ISO 32000-2, 12.8.2.2.2).
 * Exit code: 0 when each file bears exactly one signature and it is TOTAL_PASSED and
 * nothing was modified but by extensions, else 1.
 */
public class DssCheck {
    public static void main(String[] args) throws Exception {
        List<String> trust = new ArrayList<>(), crls = new ArrayList<>(), files = new ArrayList<>();
        Date at = null;
        boolean longer = false, xml = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--trust" -> trust.add(args[++i]);
                case "--crl" -> crls.add(args[++i]);
                case "--at" -> at = Date.from(Instant.parse(args[++i]));
                case "--long" -> longer = true;
                case "--xml" -> xml = true;
                default -> files.add(args[i]);
            }
        }
        int exit = 0;
        for (String file : files) {
            try {
                exit = Math.max(exit, judge(file, trust, crls, at, longer, xml));
            } catch (Exception | StackOverflowError | OutOfMemoryError e) {
                System.out.printf("UNREADABLE - signatures=? modifications=? %s (%s)%n", file, first(e));
                exit = 1;
            }
        }
        System.exit(exit);
    }

    static String first(Throwable e) {
        String text = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return e.getClass().getSimpleName() + ": " + text;
    }

    static CertificateVerifier verifier(List<String> trust, List<String> crls) throws Exception {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
        for (String path : trust) {
            try (FileInputStream in = new FileInputStream(path)) {
                for (CertificateToken one : DSSUtils.loadCertificateFromP7c(in)) anchors.addCertificate(one);
            } catch (Exception notP7c) {
                anchors.addCertificate(DSSUtils.loadCertificate(new File(path)));
            }
        }
        verifier.addTrustedCertSources(anchors);
        if (!crls.isEmpty()) {
            java.io.InputStream[] in = new java.io.InputStream[crls.size()];
            for (int i = 0; i < in.length; i++) in[i] = new FileInputStream(crls.get(i));
            verifier.setCrlSource(new ExternalResourcesCRLSource(in));
        }
        verifier.setAIASource(null);
        return verifier;
    }

    static int judge(String file, List<String> trust, List<String> crls, Date at, boolean longer, boolean xml) throws Exception {
        DSSDocument document = new FileDocument(new File(file));
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
        validator.setCertificateVerifier(verifier(trust, crls));
        if (at != null) validator.setValidationTime(at);
        Reports reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        if (xml) System.out.println(reports.getXmlDetailedReport());
        boolean good = simple.getSignaturesCount() == 1;
        if (simple.getSignatureIdList().isEmpty())
            System.out.printf("NO_SIGNATURE - signatures=0 modifications=? %s%n", file);
        for (String id : simple.getSignatureIdList()) {
            SignatureWrapper signature = data.getSignatureById(id);
            PDFRevisionWrapper revision = signature.getPDFRevision();
            String modified = modifications(revision);
            good &= simple.getIndication(id) == Indication.TOTAL_PASSED && !modified.equals("yes");
            System.out.printf("%s%s %s signatures=%d modifications=%s %s%n", simple.getIndication(id),
                simple.getSubIndication(id) == null ? "" : "/" + simple.getSubIndication(id),
                simple.getSignatureFormat(id), simple.getSignaturesCount(), modified, file);
            if (longer) tell(simple, data, reports.getDetailedReport(), signature, revision);
        }
        return good ? 0 : 1;
    }

    static String modifications(PDFRevisionWrapper revision) {
        if (revision == null) return "no";
        boolean other = revision.arePdfModificationsDetected()
            || !revision.getPdfSignatureOrFormFillChanges().isEmpty()
            || !revision.getPdfAnnotationChanges().isEmpty()
            || !revision.getPdfUndefinedChanges().isEmpty();
        if (other) return "yes";
        return revision.arePdfObjectModificationsDetected() ? "extension" : "no";
    }

    static void tell(SimpleReport simple, DiagnosticData data, DetailedReport detailed, SignatureWrapper signature, PDFRevisionWrapper revision) {
        String id = signature.getId();
        say("error", simple.getAdESValidationErrors(id));
        say("warning", simple.getAdESValidationWarnings(id));
        say("info", simple.getAdESValidationInfo(id));
        say("qualification error", simple.getQualificationErrors(id));
        say("qualification warning", simple.getQualificationWarnings(id));
        say("qualification info", simple.getQualificationInfo(id));
        System.out.printf("    qualification: %s; best time %s; stated %s%n", simple.getSignatureQualification(id),
            simple.getBestSignatureTime(id) == null ? "-" : simple.getBestSignatureTime(id).toInstant(),
            simple.getSigningTime(id) == null ? "-" : simple.getSigningTime(id).toInstant());
        System.out.printf("    intact %s, valid %s, digest %s, encryption %s, B %s T %s X %s A %s%n", signature.isSignatureIntact(), signature.isSignatureValid(),
            signature.getDigestAlgorithm(), signature.getEncryptionAlgorithm(), signature.isBLevelTechnicallyValid(),
            signature.isThereTLevel(), signature.isThereXLevel(), signature.isThereALevel());
        signature.getStructuralValidationMessages().forEach(m -> System.out.println("    structure: " + m));
        for (XmlSignatureScope scope : signature.getSignatureScopes())
            System.out.printf("    covers: %s %s (%s)%n", scope.getScope(), scope.getName(), scope.getDescription());
        CertificateWrapper certificate = signature.getSigningCertificate();
        if (certificate != null) {
            System.out.printf("    certificate: %s; usage %s; extended %s; policies %s; QC %s; revocation known %s%n",
                certificate.getCertificateDN(), certificate.getKeyUsages(), oids(certificate),
                certificate.getCertificatePolicies().size(), certificate.isQcCompliance(), certificate.isRevocationDataAvailable());
        }
        if (revision != null) {
            System.out.printf("    dictionary: type %s, filter %s/%s, range %s valid %s, consistent %s, DocMDP %s, fields %s, reason %s%n",
                revision.getSignatureDictionaryType(), revision.getFilter(), revision.getSubFilter(), revision.getSignatureByteRange(),
                revision.isSignatureByteRangeValid(), revision.isPdfSignatureDictionaryConsistent(), revision.getDocMDPPermissions(),
                revision.getSignatureFieldNames(), revision.getReason());
            pages("annotations overlap on pages", revision.getPdfAnnotationsOverlapConcernedPages());
            pages("looks different on pages", revision.getPdfVisualDifferenceConcernedPages());
            pages("pages differ", revision.getPdfPageDifferenceConcernedPages());
            objects("extension", revision.getPdfExtensionChanges());
            objects("form", revision.getPdfSignatureOrFormFillChanges());
            objects("annotation", revision.getPdfAnnotationChanges());
            objects("undefined", revision.getPdfUndefinedChanges());
        }
        for (XmlTimestamp stamp : simple.getSignatureTimestamps(id)) {
            TimestampWrapper wrapper = data.getTimestampById(stamp.getId());
            System.out.printf("    timestamp: %s%s of %s by %s%n", stamp.getIndication(),
                stamp.getSubIndication() == null ? "" : "/" + stamp.getSubIndication(), stamp.getProductionTime().toInstant(), stamp.getProducedBy());
            if (stamp.getAdESValidationDetails() != null) {
                stamp.getAdESValidationDetails().getError().forEach(m -> System.out.println("      error: " + m.getValue()));
                stamp.getAdESValidationDetails().getWarning().forEach(m -> System.out.println("      warning: " + m.getValue()));
            }
            if (wrapper != null && wrapper.getSigningCertificate() != null)
                System.out.printf("      certificate: usage %s; extended %s%n", wrapper.getSigningCertificate().getKeyUsages(), oids(wrapper.getSigningCertificate()));
        }
    }

    static List<String> oids(CertificateWrapper certificate) {
        return certificate.getExtendedKeyUsages().stream().map(one -> one.getDescription() == null ? one.getValue() : one.getDescription()).toList();
    }

    static void say(String kind, List<Message> messages) {
        for (Message message : messages) System.out.printf("    %s: %s: %s%n", kind, message.getKey(), message.getValue());
    }

    static void pages(String what, List<?> pages) {
        if (pages != null && !pages.isEmpty()) System.out.printf("    modified: %s %s%n", what, pages);
    }

    static void objects(String kind, List<XmlObjectModification> changes) {
        for (XmlObjectModification change : changes)
            System.out.printf("    modified (%s): %s %s%n", kind, change.getAction(), change.getValue());
    }
}
