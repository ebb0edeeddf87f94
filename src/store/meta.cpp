// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/meta.hpp"

#include <fcntl.h>

#include "store/packed_text.hpp"

namespace ccci::store {

namespace {

base::Result<void> write_file(int directory, const std::string& name, std::string_view content) {
  CCCI_TRY(const base::Fd file,
           base::open_in_root(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644));
  if (auto written = base::write_all(file.get(), content); !written) {
    return base::unexpected(std::move(written).error().with("path", name));
  }
  return {};
}

base::Error unknown(const Address& address) {
  return base::fail("store.unknown").with("object", reference(address));
}

}  // namespace

base::Result<void> write_content(const Staging& staging, const Manifest& manifest,
                                 const base::Digest& digest, base::Json meta) {
  meta["digest"] = digest.hex();
  meta["bytes"] = manifest.bytes();
  CCCI_TRY(const std::string text, pack_text(write(manifest)));
  CCCI_CHECK(write_file(staging.directory(), "manifest", text));
  return write_meta(staging, meta);
}

base::Result<void> write_meta(const Staging& staging, const base::Json& meta) {
  // JSON must be UTF-8, but a name from an archive may be something else.
  const std::string text = meta.dump(2);
  return write_file(staging.directory(), "meta.json", text + "\n");
}

void set_needs(base::Json& meta, const std::vector<Address>& needs) {
  base::Json list = base::Json::array();
  for (const Address& address : needs) list.push_back(reference(address));
  meta["needs"] = std::move(list);
}

base::Result<base::Json> read_meta(const Store& store, const Address& address) {
  if (!store.has(address)) return base::unexpected(unknown(address));
  const auto damaged = [&](std::string_view cause) {
    return base::unexpected(
        base::fail("store.meta").with("object", reference(address)).with("cause", cause));
  };
  const auto text = base::read_file(store.path(address) / "meta.json", largest_meta);
  if (!text) return damaged(text.error().field("cause"));
  base::Json meta = base::Json::parse(*text).value_or(base::Json());
  if (!meta.is_object()) return damaged("not a JSON object");
  return meta;
}

base::Result<std::vector<Address>> needs_of(const base::Json& meta, const Address& address) {
  std::vector<Address> needs;
  const base::Json* const list = meta.find("needs");
  if (list == nullptr) return needs;
  const auto damaged = [&] {
    return base::unexpected(base::fail("store.meta")
                                .with("object", reference(address))
                                .with("cause", "'needs' is not a list of objects"));
  };
  if (!list->is_array()) return damaged();
  for (const base::Json& item : *list) {
    auto needed = item.is_string() ? read_reference(*item.text()) : std::nullopt;
    if (!needed) return damaged();
    needs.push_back(std::move(*needed));
  }
  return needs;
}

base::Result<std::vector<Address>> needs(const Store& store, const Address& address) {
  auto meta = read_meta(store, address);
  if (meta) return needs_of(*meta, address);
  // A missing meta.json is correct only if the object never had one.
  const std::filesystem::path path = store.path(address);
  const auto text = base::read_file(path / "seal", largest_manifest);
  const auto seal = text ? read_seal(*text, (path / "seal").native())
                         : base::Result<Manifest>(base::unexpected(text.error()));
  if (seal && seal->find("meta.json") == nullptr) return std::vector<Address>();
  return base::unexpected(std::move(meta).error());
}

base::Result<Manifest> read_seal(std::string_view text, const std::string& name) {
  constexpr std::size_t last_line = 5 + 64 + 1;
  const std::size_t body = text.size() < last_line ? 0 : text.size() - last_line;
  if (text.substr(body) != "seal " + base::sha256(text.substr(0, body)).hex() + "\n") {
    return base::unexpected(base::fail("store.manifest")
                                .with("file", name)
                                .with("line", 0)
                                .with("text", "the seal is broken"));
  }
  return read_manifest(text.substr(0, body), name);
}

base::Result<Manifest> object_manifest(const Store& store, const Address& address) {
  if (!store.has(address)) return base::unexpected(unknown(address));
  const std::filesystem::path path = store.path(address) / "manifest";
  auto text = base::read_file(path, largest_manifest);
  if (!text) {
    return base::unexpected(base::fail("store.manifest")
                                .with("file", path.native())
                                .with("line", 0)
                                .with("text", text.error().field("cause")));
  }
  CCCI_TRY(*text, unpack_text(std::move(*text), largest_manifest, path.native()));
  return read_manifest(*text, path.native());
}

}  // namespace ccci::store
