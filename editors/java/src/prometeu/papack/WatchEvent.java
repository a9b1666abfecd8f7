package prometeu.papack;

import java.util.List;

/**
 * What the watch does between its builds.
 *
 * @param kind {@code WATCHING}, {@code POLLING}, {@code RESCAN}, {@code CHANGED}, {@code RETRYING}, {@code UNMANAGED},
 *     {@code WAITING} or {@code FINISHED}
 * @param paths the first of the paths that changed; empty for other kinds
 * @param folders the first of the folders of pictures and sounds that no asset takes in; empty for other kinds
 * @param count how many paths changed, or folders there are; null where anything may have changed, and for other kinds
 * @param afterMs when a failed build is tried again, in milliseconds; null for other kinds
 * @param reason why files are looked at every second; null for other kinds
 * @param end how it ended; null for other kinds
 */
public record WatchEvent(String kind, List<String> paths, List<Workspace.UnmanagedFolder> folders, Long count,
        Long afterMs, String reason, String end) {
    static WatchEvent of(Members event) {
        return new WatchEvent(event.string("kind"), event.strings("paths"),
                event.list("folders", Workspace.UnmanagedFolder::of), event.optionalInteger("count"),
                event.optionalInteger("after_ms"), event.optionalString("reason"), event.optionalString("end"));
    }
}
