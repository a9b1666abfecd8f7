package prometeu.papack;

import java.util.List;

/** What the server told of itself: its versions, and what assets can be. */
public record ServerInfo(long protocolVersion, String papackVersion, long processId, String workspace,
        Window index, Window asset, Window settings, Window assetsPa, Window assetTableMetadata, List<Format> formats,
        List<String> codecs, List<Bank> banks, List<String> methods) {

    /** The versions of a document that are read. */
    public record Window(long oldest, long current) {
        static Window of(Members window) {
            return new Window(window.integer("oldest"), window.integer("current"));
        }
    }

    /** A format, and the bank that it is for. */
    public record Format(String format, String bank) {
        static Format of(Members format) {
            return new Format(format.string("format"), format.string("bank"));
        }
    }

    /** A bank, and how many slots it has. */
    public record Bank(String bank, long slots) {
        static Bank of(Members bank) {
            return new Bank(bank.string("bank"), bank.integer("slots"));
        }
    }

    static ServerInfo of(Members info) {
        Members schemas = info.object("schemas");
        return new ServerInfo(info.integer("protocol_version"), info.string("papack_version"),
                info.integer("process_id"), info.string("workspace"), Window.of(schemas.object("index")),
                Window.of(schemas.object("asset")), Window.of(schemas.object("settings")),
                Window.of(schemas.object("assets_pa")),
                Window.of(schemas.object("asset_table_metadata")), info.list("formats", Format::of),
                info.strings("codecs"), info.list("banks", Bank::of), info.strings("methods"));
    }
}
