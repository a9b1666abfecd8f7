package prometeu.papack;

import java.util.List;

/** What a workspace holds, and what a pack would do. */
public record Workspace(NextPack nextPack, Counts counts, List<Bank> banks, List<Asset> assets,
        List<Unmanaged> unmanaged, List<UnmanagedFolder> unmanagedFolders, List<String> looseFiles,
        List<String> needsMigration) {

    /**
     * {@code action} is {@code PACK}, {@code NOTHING} or {@code FAIL}; {@code recovers} are the outputs that it
     * would make final first, by completing a promotion that was cut short.
     */
    public record NextPack(String action, List<String> replaces, long errorCount, long warningCount,
            List<String> recovers) {
        static NextPack of(Members next) {
            return new NextPack(next.string("action"), next.strings("replaces"), next.integer("error_count"),
                    next.integer("warning_count"), next.strings("recovers"));
        }
    }

    /** How many assets there are, by state. */
    public record Counts(long registered, long included, long ready, long faulty, long missing, long moved,
            long unusedFiles) {
        static Counts of(Members counts) {
            return new Counts(counts.integer("registered"), counts.integer("included"), counts.integer("ready"),
                    counts.integer("faulty"), counts.integer("missing"), counts.integer("moved"),
                    counts.integer("unused_files"));
        }
    }

    /** What a bank is given by the assets that are included in the build. */
    public record Bank(String bank, long assetCount, long payloadBytes, List<UsedSlot> usedSlots,
            List<Long> freeSlots) {
        static Bank of(Members bank) {
            return new Bank(bank.string("bank"), bank.integer("asset_count"), bank.integer("payload_bytes"),
                    bank.list("used_slots", UsedSlot::of), bank.integers("free_slots"));
        }
    }

    /** A slot, and the asset in it. */
    public record UsedSlot(long slot, long assetId) {
        static UsedSlot of(Members used) {
            return new UsedSlot(used.integer("slot"), used.integer("asset_id"));
        }
    }

    /** A registered asset. {@code state} is {@code READY}, {@code FAULTY}, {@code MISSING} or {@code MOVED}. */
    public record Asset(long assetId, String assetName, String root, boolean includedInBuild, String state,
            String format, String bank, Long payloadBytes, Long preloadSlot, List<String> unusedFiles) {
        static Asset of(Members asset) {
            return new Asset(asset.integer("asset_id"), asset.optionalString("asset_name"), asset.string("root"),
                    asset.bool("included_in_build"), asset.string("state"), asset.optionalString("format"),
                    asset.optionalString("bank"), asset.optionalInteger("payload_bytes"),
                    asset.optionalInteger("preload_slot"), asset.strings("unused_files"));
        }
    }

    /**
     * A manifest that is not registered. {@code relation} is {@code NEW}, {@code MOVED} or {@code COPIED}, of the asset
     * {@code assetId}, or {@code NESTED}, in the root {@code outer}.
     */
    public record Unmanaged(String root, String relation, Long assetId, String outer) {
        static Unmanaged of(Members unmanaged) {
            return new Unmanaged(unmanaged.string("root"), unmanaged.string("relation"),
                    unmanaged.optionalInteger("asset_id"), unmanaged.optionalString("outer"));
        }
    }

    /**
     * A folder of pictures and sounds that no asset takes in. {@code command} makes it an asset; where nothing does, it
     * is null, and {@code reason} says why.
     */
    public record UnmanagedFolder(String root, long pictures, long sounds, String command, String reason) {
        static UnmanagedFolder of(Members folder) {
            return new UnmanagedFolder(folder.string("root"), folder.integer("pictures"), folder.integer("sounds"),
                    folder.optionalString("command"), folder.optionalString("reason"));
        }
    }

    static Workspace of(Members workspace) {
        return new Workspace(NextPack.of(workspace.object("next_pack")), Counts.of(workspace.object("counts")),
                workspace.list("banks", Bank::of), workspace.list("assets", Asset::of),
                workspace.list("unmanaged", Unmanaged::of),
                workspace.list("unmanaged_folders", UnmanagedFolder::of), workspace.strings("loose_files"),
                workspace.strings("needs_migration"));
    }
}
