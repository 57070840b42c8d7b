import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads one file a line from standard input, its path first, with tabs between its fields, and
 * writes one line for each: the path, then "name=value" of whatever the judge found. A file that
 * throws, or takes longer than SECONDS, has the field "error".
 */
public final class Batch {
    /** What one file may take. */
    static final int SECONDS = 300;

    /** Gives what there is to say of one file. */
    public interface Judge {
        Map<String, Object> judge(String[] fields) throws Exception;
    }

    private Batch() {}

    public static void run(Judge judge) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        // Whatever a library prints itself must not stand between the lines.
        System.setOut(System.err);
        ExecutorService thread = newThread();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split("\t", -1);
            Map<String, Object> found = new TreeMap<>();
            Future<Map<String, Object>> asked = thread.submit(() -> judge.judge(fields));
            try {
                found.putAll(asked.get(SECONDS, TimeUnit.SECONDS));
            } catch (TimeoutException late) {
                found.put("error", "no answer within " + SECONDS + " seconds");
                asked.cancel(true);
                thread = newThread();
            } catch (java.util.concurrent.ExecutionException failed) {
                found.put("error", failed.getCause());
            }
            StringBuilder said = new StringBuilder(fields[0]);
            found.forEach((name, value) -> said.append('\t').append(name).append('=').append(flat(value)));
            out.println(said);
        }
        // Not exit(): a thread that was given up may never end.
        Runtime.getRuntime().halt(0);
    }

    private static String flat(Object value) {
        String text = String.valueOf(value).replaceAll("\\s+", " ").strip();
        return text.substring(0, Math.min(text.length(), 20_000));
    }

    private static ExecutorService newThread() {
        return Executors.newSingleThreadExecutor(work -> {
            // Deep trees are read by recursion.
            Thread thread = new Thread(null, work, "judge", 64L << 20);
            thread.setDaemon(true);
            return thread;
        });
    }
}
