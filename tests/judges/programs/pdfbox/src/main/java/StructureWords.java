import java.io.IOException;
import java.text.Bidi;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.documentinterchange.logicalstructure.PDMarkedContentReference;
import org.apache.pdfbox.pdmodel.documentinterchange.logicalstructure.PDStructureElement;
import org.apache.pdfbox.pdmodel.documentinterchange.logicalstructure.PDStructureNode;
import org.apache.pdfbox.pdmodel.documentinterchange.markedcontent.PDMarkedContent;
import org.apache.pdfbox.text.PDFMarkedContentExtractor;
import org.apache.pdfbox.text.TextPosition;

/**
 * What a screen reader is given: the words of each element, in the order of the tree. Letters come
 * as they stand on the page; those of a right-to-left run are turned round within it, as PDFBox's
 * own extraction of text does.
 */
final class StructureWords {
    private final PDDocument document;
    private final Map<COSDictionary, Map<Integer, PDMarkedContent>> pages = new HashMap<>();
    private final StringBuilder said = new StringBuilder();

    StructureWords(PDDocument document) {
        this.document = document;
    }

    String read() throws IOException {
        PDStructureNode root = document.getDocumentCatalog().getStructureTreeRoot();
        if (root == null) return "";
        for (PDPage page : document.getPages()) {
            var extractor = new PDFMarkedContentExtractor();
            extractor.processPage(page);
            Map<Integer, PDMarkedContent> marked = new HashMap<>();
            collect(extractor.getMarkedContents(), marked);
            pages.put(page.getCOSObject(), marked);
        }
        walk(root, null);
        return said.toString();
    }

    private static void collect(List<?> contents, Map<Integer, PDMarkedContent> into) {
        for (Object one : contents) {
            if (one instanceof PDMarkedContent content) {
                if (content.getMCID() >= 0) into.put(content.getMCID(), content);
                collect(content.getContents(), into);
            }
        }
    }

    private void walk(PDStructureNode node, PDPage page) {
        for (Object kid : node.getKids()) {
            if (kid instanceof PDStructureElement element) {
                said.append(' ');
                if (element.getActualText() != null) said.append(element.getActualText());
                else walk(element, element.getPage() == null ? page : element.getPage());
            } else if (kid instanceof PDMarkedContentReference reference) {
                say(reference.getPage() == null ? page : reference.getPage(), reference.getMCID());
            } else if (kid instanceof Integer number) {
                say(page, number);
            }
        }
    }

    private void say(PDPage page, int number) {
        PDMarkedContent content = page == null ? null : pages.getOrDefault(page.getCOSObject(), Map.of()).get(number);
        if (content == null) return;
        StringBuilder letters = new StringBuilder();
        gather(content, letters);
        said.append(turned(letters.toString()));
    }

    private static void gather(PDMarkedContent content, StringBuilder letters) {
        if (content.getActualText() != null) {
            letters.append(content.getActualText());
            return;
        }
        for (Object one : content.getContents()) {
            if (one instanceof TextPosition letter) letters.append(letter.getUnicode());
            else if (one instanceof PDMarkedContent inner) gather(inner, letters);
        }
    }

    private static String turned(String shown) {
        Bidi runs = new Bidi(shown, Bidi.DIRECTION_LEFT_TO_RIGHT);
        StringBuilder logical = new StringBuilder();
        for (int i = 0; i < runs.getRunCount(); i++) {
            String run = shown.substring(runs.getRunStart(i), runs.getRunLimit(i));
            boolean leftwards = runs.getRunLevel(i) % 2 == 1;
            logical.append(leftwards ? new StringBuilder(run).reverse() : run);
        }
        return logical.toString();
    }
}
