import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;

/**
 * Apache PDFBox with BouncyCastle: the first signature of each file, over what it covers, and the
 * words of the structure tree. Its argument is a folder with the certificates to trust, "*.pem".
 */
public final class PdfBoxJudge {
    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();
    private static final List<X509Certificate> TRUSTED = new ArrayList<>();

    private PdfBoxJudge() {}

    public static void main(String[] arguments) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        var factory = CertificateFactory.getInstance("X.509");
        for (File one : new File(arguments[0]).listFiles((folder, name) -> name.endsWith(".pem"))) {
            try (var in = new FileInputStream(one)) {
                TRUSTED.add((X509Certificate) factory.generateCertificate(in));
            }
        }
        Batch.run(fields -> judge(new File(fields[0])));
    }

    private static Map<String, Object> judge(File file) throws Exception {
        byte[] raw = Files.readAllBytes(file.toPath());
        Map<String, Object> found = new TreeMap<>();
        try (PDDocument document = Loader.loadPDF(raw)) {
            List<PDSignature> signatures = document.getSignatureDictionaries();
            found.put("signatures", signatures.size());
            found.put("words", new StructureWords(document).read());
            for (PDSignature one : signatures) {
                // Document timestamps of an archive copy are not seals.
                if ("ETSI.RFC3161".equals(one.getSubFilter())) found.merge("timestamps", 1, (a, b) -> (int) a + (int) b);
                else if (!found.containsKey("seal")) signature(one, raw, found);
            }
        }
        return found;
    }

    private static void signature(PDSignature signature, byte[] raw, Map<String, Object> found) throws Exception {
        int[] range = signature.getByteRange();
        boolean begins = range.length == 4 && range[0] == 0;
        found.put("covers", begins && range[2] + range[3] == raw.length ? "whole" : "part");
        var cms = new CMSSignedData(new CMSProcessableByteArray(signature.getSignedContent(raw)),
            new ByteArrayInputStream(signature.getContents(raw)));
        SignerInformation signer = cms.getSignerInfos().getSigners().iterator().next();
        X509CertificateHolder held = (X509CertificateHolder) cms.getCertificates().getMatches(signer.getSID()).iterator().next();
        X509Certificate certificate = plain(held);
        found.put("seal", signer.verify(by(certificate)) ? "good" : "bad");
        found.put("trusted", isTrusted(certificate, cms.getCertificates()) ? "yes" : "no");
        Attribute stamp = signer.getUnsignedAttributes() == null ? null
            : signer.getUnsignedAttributes().get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        if (stamp != null) found.put("stamp", stamp(stamp, signer.getSignature()));
    }

    private static String stamp(Attribute attribute, byte[] over) throws Exception {
        byte[] encoded = attribute.getAttributeValues()[0].toASN1Primitive().getEncoded();
        var token = new TimeStampToken(new CMSSignedData(encoded));
        var maker = (X509CertificateHolder) token.getCertificates().getMatches(token.getSID()).iterator().next();
        token.validate(by(plain(maker)));
        var info = token.getTimeStampInfo();
        var digest = java.security.MessageDigest.getInstance(info.getMessageImprintAlgOID().getId(), PROVIDER).digest(over);
        return java.util.Arrays.equals(digest, info.getMessageImprintDigest()) ? "good" : "of something else";
    }

    private static boolean isTrusted(X509Certificate certificate, Store<X509CertificateHolder> held) throws Exception {
        var known = new ArrayList<>(TRUSTED);
        // One authority may stand between, itself issued by one that is trusted.
        for (X509CertificateHolder one : held.getMatches(null))
            if (TRUSTED.stream().anyMatch(root -> issued(plain(one), root))) known.add(plain(one));
        return known.stream().anyMatch(root -> root.equals(certificate) || issued(certificate, root));
    }

    private static boolean issued(X509Certificate certificate, X509Certificate by) {
        try {
            certificate.verify(by.getPublicKey());
            return by.getBasicConstraints() >= 0;
        } catch (Exception no) {
            return false;
        }
    }

    private static X509Certificate plain(X509CertificateHolder held) {
        try {
            return new JcaX509CertificateConverter().getCertificate(held);
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    private static SignerInformationVerifier by(X509Certificate certificate) throws Exception {
        return new JcaSimpleSignerInfoVerifierBuilder().setProvider(PROVIDER).build(certificate);
    }
}
