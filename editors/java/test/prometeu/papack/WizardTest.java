package prometeu.papack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The four steps of the Pack Wizard, and what else Studio does, with a real server in a copy of the demo. */
final class WizardTest {
    private final String papack;
    private final Path workspace;

    private WizardTest(String papack, Path workspace) {
        this.papack = papack;
        this.workspace = workspace;
    }

    /** Takes the binary, and a workspace that may be changed, which holds the demo. */
    public static void main(String[] arguments) throws Exception {
        JsonTest.run();
        WizardTest test = new WizardTest(arguments[0], Path.of(arguments[1]));
        test.wizard();
        test.changes();
        test.cancels();
        test.watches();
        test.ends();
        System.out.println("all is as it should be");
    }

    /** Keeps all that it is told. */
    private static final class Told implements Listener {
        final List<Event> events = Collections.synchronizedList(new ArrayList<>());
        final List<Diagnostic> diagnostics = Collections.synchronizedList(new ArrayList<>());
        final BlockingQueue<WatchEvent> watch = new LinkedBlockingQueue<>();
        final BlockingQueue<Result.Pack> built = new LinkedBlockingQueue<>();
        final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

        @Override
        public void event(Event event) {
            events.add(event);
        }

        @Override
        public void diagnostic(String operationId, Diagnostic diagnostic) {
            diagnostics.add(diagnostic);
        }

        @Override
        public void watch(WatchEvent event) {
            watch.add(event);
        }

        @Override
        public void built(Result.Pack result) {
            built.add(result);
        }

        @Override
        public void closed(Throwable cause) {
            closed.add(String.valueOf(cause));
        }
    }

    private static <T> T wait(Call<T> call) throws Exception {
        return call.result().get(60, TimeUnit.SECONDS);
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(60, TimeUnit.SECONDS);
        Check.that(next != null, "nothing came");
        return next;
    }

    private void wizard() throws Exception {
        Told told = new Told();
        try (PapackClient client = PapackClient.start(papack, workspace, told)) {
            ServerInfo info = client.info();
            Check.equal(info.asset(), new ServerInfo.Window(1, 2));
            Check.equal(info.banks().get(0), new ServerInfo.Bank("TILES", 16));
            Check.equal(Path.of(info.workspace()), workspace.toRealPath());

            // 1. Summary.
            Result.Summary summary = wait(client.summary());
            Workspace found = summary.workspace();
            Check.equal(summary.status(), Status.SUCCESS);
            Check.equal(found.nextPack().action(), "PACK");
            Check.equal(found.counts().registered(), (long) found.assets().size());
            Check.equal(found.counts().included(), 17L);
            Check.equal(found.banks().size(), 3);
            Workspace.Asset first = found.assets().get(0);
            Check.that(first.assetId() == 1 && first.payloadBytes() > 0 && first.state().equals("READY"), first);

            // 2. Validation.
            told.diagnostics.clear();
            Result.Validation validation = wait(client.validate());
            Check.equal(validation.status(), Status.SUCCESS);
            Check.equal(validation.errorCount(), 0L);
            Check.equal(List.copyOf(told.diagnostics), validation.diagnostics());
            Result.Validation fixed = wait(client.fix(true));
            Check.that(fixed.dryRun() && fixed.appliedFixes().isEmpty(), fixed);

            // 3. Packing.
            Check.equal(wait(client.checkOutputs()).wouldReplace().size(), 4);
            told.events.clear();
            Call<Result.Pack> packing = client.pack(true);
            String operationId = packing.operationId().get(60, TimeUnit.SECONDS);

            // 4. Result.
            Result.Pack pack = wait(packing);
            Check.equal(pack.operationId(), operationId);
            Check.equal(pack.status(), Status.SUCCESS);
            Check.equal(pack.packedAssetCount(), 17L);
            Check.equal(pack.explained().size(), 17);
            Check.equal(pack.companions().preload(), "preload.json");
            Check.that(Files.size(workspace.resolve(pack.buildDir()).resolve(pack.assetsPa())) > pack.payloadBytes(),
                    "assets.pa is there");
            List<Event> events = List.copyOf(told.events);
            Check.equal(events.get(0), new Event.Started(operationId, 0));
            Check.equal(events.stream().filter(Event.AssetFinished.class::isInstance).count(), 17L);
            Check.that(events.stream().anyMatch(Event.Promoted.class::isInstance), events);
            Event last = events.get(events.size() - 1);
            Check.equal(last, new Event.Finished(operationId, last.sequence(), Status.SUCCESS));
            for (int index = 1; index < events.size(); index++) {
                Check.that(events.get(index).sequence() > events.get(index - 1).sequence(), events);
            }
            Check.equal(wait(client.summary()).workspace().nextPack().action(), "NOTHING");
            Result.Plan plan = wait(client.plan());
            Check.equal(plan.assets().size(), 17);
            Check.equal(wait(client.checkOutputs()).wouldReplace(), List.of());
            Result.Listing listing = wait(client.list(List.of("ui/**")));
            Check.that(!listing.assets().isEmpty(), listing);
            Check.that(listing.assets().stream().allMatch(asset -> asset.root().startsWith("ui/")), listing);
            Check.equal(wait(client.list(List.of("nobody"))).assets(), null);
        }
        Check.equal(next(told.closed), "null");
        Check.that(told.events.stream().noneMatch(Event.Other.class::isInstance), "every event is known");
    }

    private void changes() throws Exception {
        try (PapackClient client = PapackClient.start(papack, workspace, new Told())) {
            Map<String, Object> rename = Map.of("asset", "ui_font", "name", "letters", "dry_run", true);
            Result.Change change = wait(client.change("rename", rename));
            Check.equal(change.status(), Status.SUCCESS);
            Check.that(change.dryRun(), change);
            Check.equal(change.changes().get(0).kind(), "ASSET_RENAMED");
            Check.equal(change.changes().get(0).members().string("to"), "letters");
            // What is wrong with a workspace is a result, and what is wrong with a call is none.
            Result.Change refused = wait(client.change("exclude", Map.of("assets", List.of("nobody"))));
            Check.equal(refused.status(), Status.GATE_FAILED);
            Check.equal(refused.diagnostics().get(0).code(), "ASSET_UNKNOWN");
            Check.that(refused.diagnostics().get(0).isError(), refused);
            RefusedException exception = Check.fails(RefusedException.class,
                    () -> wait(client.change("rename", Map.of("asset", "ui_font"))));
            Check.equal(exception.code(), -32602L);
            Check.equal(Check.fails(RefusedException.class, () -> wait(client.change("no", Map.of()))).code(), -32601L);
        }
    }

    private void cancels() throws Exception {
        try (PapackClient client = PapackClient.start(papack, workspace, new Told())) {
            List<Call<Result.Pack>> packs = new ArrayList<>();
            for (int count = 0; count < 20; count++) {
                packs.add(client.pack(false));
            }
            Call<Result.Pack> last = packs.get(packs.size() - 1);
            Check.that(wait(last.cancel()), "it waits, or is going on");
            Check.equal(wait(last).status(), Status.CANCELLED);
            Check.equal(wait(last.cancel()), false);
        }
    }

    private void watches() throws Exception {
        Told told = new Told();
        try (PapackClient client = PapackClient.start(papack, workspace, told)) {
            Check.equal(wait(client.watch(true)), true);
            Check.equal(next(told.watch).kind(), "WATCHING");
            Check.equal(next(told.built).status(), Status.SUCCESS);
            while (!next(told.watch).kind().equals("WAITING")) {
                // The first build is not over.
            }
            Files.writeString(workspace.resolve("assets/levels/legend.txt"), "another legend");
            Result.Pack built = next(told.built);
            Check.equal(built.status(), Status.SUCCESS);
            Check.that(!built.upToDate(), built);
            Check.equal(wait(client.watch(false)), false);
        }
    }

    /** Whatever becomes of the server, no call waits for ever. */
    private void ends() throws Exception {
        Told told = new Told();
        PapackClient killed = PapackClient.start(papack, workspace, told);
        Call<Result.Pack> packing = killed.pack(false);
        ProcessHandle.of(killed.info().processId()).orElseThrow().destroyForcibly();
        try {
            wait(packing);
        } catch (java.util.concurrent.ExecutionException exception) {
            Check.that(exception.getCause() instanceof IOException, exception.getCause());
        }
        Check.that(next(told.closed).contains("papack has ended"), "the listener knows");
        Check.fails(IOException.class, () -> wait(killed.summary()));
        killed.close();

        long began = System.nanoTime();
        PapackClient closed = PapackClient.start(papack, workspace, new Told());
        ProcessHandle server = ProcessHandle.of(closed.info().processId()).orElseThrow();
        closed.watch(true);
        closed.close();
        Check.that(!server.isAlive(), "the server lives");
        Check.that(System.nanoTime() - began < 8_000_000_000L, "it took long");
        Check.fails(IOException.class, () -> wait(closed.pack(false)));
        closed.close();

        Path nowhere = Files.createTempDirectory("papack");
        Check.fails(IOException.class, () -> PapackClient.start(papack, nowhere, new Told()));
        Check.fails(IOException.class, () -> PapackClient.start(papack + "-none", workspace, new Told()));
        Files.delete(nowhere);
    }
}
