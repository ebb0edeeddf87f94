// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/receiver.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "base/hash.hpp"
#include "deploy/sender.hpp"
#include "source/debian/archive.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/unit/deploy/pipe.hpp"

namespace ccci::deploy {
namespace {

namespace fs = std::filesystem;
using test::describe;
using test::frame;
using test::read_text;
using test::write_text;

constexpr const char* declaration_text = "[runtime]\ntools = [\"jq\", \"hello\"]\n\n[hosts.a]\n";

// A near side with a project and archives, a far side with an empty store.
class DeliveryTest : public test::StoreTest {
 protected:
  DeliveryTest() {
    signal(SIGPIPE, SIG_IGN);
    fs::create_directories(near_ / "archives");
    fs::create_directories(project_ / "scripts");
    write_text(project_ / "cc-ci.toml", declaration_text);
    write_text(project_ / "scripts/run", "#!/bin/sh\n");
    const auto declaration = declare::parse(declaration_text, "cc-ci.toml").value();
    parcel_.lock.architecture = source::debian::native_architecture();
    parcel_.lock.asks = lock::fingerprint(declaration);
    for (const char* name : {"jq", "hello"}) {
      parcel_.lock.packages.push_back(package(name));
    }
    std::sort(parcel_.lock.packages.begin(), parcel_.lock.packages.end());
    pack();
  }

  source::Package package(const std::string& name) {
    const std::string bytes = test::deb({test::directory("./usr/"), test::directory("./usr/bin/"),
                                         test::file("./usr/bin/" + name, test::noise(300'000))});
    const std::string sha256 = base::sha256(bytes).hex();
    source::Package package;
    package.name = name;
    package.version = "1";
    package.architecture = "all";
    package.sha256 = sha256;
    package.size = bytes.size();
    package.uri = "pool/" + name + ".deb";
    package.suite = "bookworm";
    package.component = "main";
    package.source_package = name;
    package.because = {"tool " + name};
    package.sets = {"shared"};
    write_text(near_ / "archives" / (sha256 + ".deb"), bytes);
    return package;
  }

  void pack() {
    write_text(project_ / "cc-ci.lock", lock::write(parcel_.lock));
    parcel_.version = "cc-ci 1";
    parcel_.state = state();
    parcel_.directory = project_;
    parcel_.file = "cc-ci.toml";
    parcel_.planned_from.insert({"cc-ci.toml", "cc-ci.lock"});
    std::vector<std::string> paths{"scripts/run"};
    paths.insert(paths.end(), parcel_.planned_from.begin(), parcel_.planned_from.end());
    parcel_.manifest = gather(project_, paths).value();
    parcel_.files.clear();
    for (const auto& [path, entry] : parcel_.manifest.entries()) {
      parcel_.files.emplace(entry.sha256, path);
    }
    parcel_.archives = near_ / "archives";
  }

  // What the far side says to these bytes, and that nothing of them stays.
  std::string refusal(const std::string& bytes) {
    test::Recorded stream("cc-ci-deploy 1\n" + bytes);
    const auto served = serve(stream);
    EXPECT_TRUE(staging_is_empty()) << bytes.substr(0, 200);
    EXPECT_EQ(kept_archives(), 0U);
    if (served) return "accepted";
    const bool told = stream.written().find(served.error().code) != std::string::npos;
    return told ? served.error().code : "not told: " + served.error().code;
  }

  base::Result<void> serve(Stream& stream) {
    store::Store store = open();
    const activate::Generations generations(activate::Layout(scratch() / "host"));
    Receiver receiver(
        store, generations,
        [this](const declare::Declaration&, const fs::path&,
               const std::vector<source::Package>& packages) -> base::Result<void> {
          for (const source::Package& one : packages) fetched_.push_back(one.name);
          return base::unexpected(base::fail("source.offline"));
        },
        [this] { return drifted_; }, "cc-ci 1", pulse_);
    return receiver.serve(stream);
  }

  // Both ends, each in a thread of its own; the far end's error where it has one.
  base::Result<Delivered> deliver_there(bool dry = false) {
    test::Wire wire;
    std::thread far([&] {
      FdStream stream(wire.far(), wire.far());
      static_cast<void>(serve(stream));
      wire.close_far();
    });
    FdStream stream(wire.near(), wire.near());
    auto delivered = deliver(stream, parcel_, wanted_, watch_, dry);
    wire.close_near();
    far.join();
    return delivered;
  }

  std::size_t kept_archives() const {
    std::error_code error;
    std::size_t count = 0;
    for (fs::directory_iterator at(state() / "archives", error), end; at != end; ++at) ++count;
    return count;
  }

  Hello hello() const {
    return {"cc-ci 1",      "a",  state(), "cc-ci.toml", parcel_.manifest.hash(), wanted_.system,
            wanted_.digest, false};
  }
  std::string begin() const { return frame('h', write(hello())); }
  std::string manifest() const { return frame('m', parcel_.manifest.text()); }
  // Every file of the project, in the order in which an empty store asks.
  std::string files() const {
    std::string bytes;
    for (const auto& [digest, path] : parcel_.files) {
      bytes += blob(digest, read_text(project_ / path));
    }
    return bytes;
  }
  static std::string blob(const std::string& digest, const std::string& content) {
    return frame('b', write(BlobHead{digest, content.size()})) +
           (content.empty() ? "" : frame('d', content));
  }

  fs::path near_ = scratch() / "near";
  fs::path project_ = scratch() / "project";
  Parcel parcel_;
  Wanted wanted_{"a", std::string(32, 'c') + "-a", std::string(64, 'd')};
  Watch watch_;
  std::vector<std::string> fetched_;
  bool drifted_ = false;
  std::chrono::milliseconds pulse_ = std::chrono::hours(1);
};

TEST_F(DeliveryTest, WhatIsLackingIsSentOnceAndStays) {
  // The packages are no whole system, so the far side gets as far as composing one.
  const auto first = deliver_there();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, "deploy.remote");
  EXPECT_EQ(kept_archives(), 2U);
  for (const source::Package& one : parcel_.lock.packages) {
    const fs::path kept = state() / "archives" / (one.sha256 + ".deb");
    EXPECT_TRUE(holds(kept, one.sha256, one.size));
    EXPECT_EQ(fs::status(kept).permissions(), fs::perms(0644));
  }
  EXPECT_TRUE(fetched_.empty());
  store::Store store = open();
  EXPECT_TRUE(ProjectCache(store).intact(parcel_.manifest.hash()));
  const auto plan = deliver_there(true);
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_TRUE(plan->ready.project);
  EXPECT_EQ(plan->content, 0U);
  EXPECT_LT(plan->bytes, 1000U);
}

TEST_F(DeliveryTest, ADryRunSaysWhatWouldBeSentAndKeepsNothing) {
  const auto plan = deliver_there(true);
  ASSERT_TRUE(plan) << describe(plan.error());
  std::uint64_t expected = parcel_.manifest.bytes();
  for (const source::Package& one : parcel_.lock.packages) expected += one.size;
  EXPECT_EQ(plan->content, expected);
  EXPECT_EQ(plan->archives, 2U);
  EXPECT_EQ(plan->files, 3U);
  EXPECT_EQ(kept_archives(), 0U);
  EXPECT_FALSE(fs::exists(state() / "projects"));
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(DeliveryTest, ADryRunReadsEveryFileThatDecidesWhatIsBuilt) {
  write_text(project_ / "cc-ci.toml",
             std::string(declaration_text) + "\n[runtime.variables]\nA = \"1\"\n");
  std::string text = read_text(project_ / "cc-ci.toml");
  text.insert(text.find("tools"), "certificates = [\"house.pem\"]\n");
  write_text(project_ / "cc-ci.toml", text);
  write_text(project_ / "house.pem", "a certificate");
  parcel_.planned_from.insert("house.pem");
  pack();
  const auto plan = deliver_there(true);
  ASSERT_TRUE(plan) << describe(plan.error());
  EXPECT_EQ(plan->files, 4U);
  EXPECT_FALSE(fs::exists(state() / "projects"));
}

TEST_F(DeliveryTest, WhatHasComeBeforeACutIsNotSentAgain) {
  // Cut in the middle of the second archive.
  std::string bytes = begin() + manifest() + files();
  std::vector<source::Package> packages = parcel_.lock.packages;
  std::sort(packages.begin(), packages.end(),
            [](const auto& a, const auto& b) { return a.sha256 < b.sha256; });
  const auto content = [&](const source::Package& one) {
    return read_text(near_ / "archives" / (one.sha256 + ".deb"));
  };
  const auto in_frames = [&](const source::Package& one) {
    const std::string all = content(one);
    std::string sent = frame('b', write(BlobHead{one.sha256, all.size()}));
    for (std::size_t at = 0; at < all.size(); at += largest_data) {
      sent += frame('d', all.substr(at, largest_data));
    }
    return sent;
  };
  const std::string second = in_frames(packages[1]);
  test::Recorded cut("cc-ci-deploy 1\n" + bytes + in_frames(packages[0]) +
                     second.substr(0, second.size() - 10));
  EXPECT_EQ(serve(cut).error().code, "deploy.ended");
  EXPECT_EQ(kept_archives(), 1U);
  EXPECT_TRUE(staging_is_empty());
  const auto plan = deliver_there(true);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->content, packages[1].size);
}

TEST_F(DeliveryTest, WhatTheSenderLacksTooIsFetchedThere) {
  const source::Package& one = parcel_.lock.packages.front();
  fs::remove(near_ / "archives" / (one.sha256 + ".deb"));
  const auto plan = deliver_there(true);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->absent, 1U);
  const auto done = deliver_there();
  ASSERT_FALSE(done);
  EXPECT_EQ(describe(done.error()), "deploy.remote host=a; source.offline");
  EXPECT_EQ(fetched_, std::vector<std::string>{one.name});
}

TEST_F(DeliveryTest, AnArchiveThatIsDamagedHereIsNotKeptThere) {
  const source::Package& one = parcel_.lock.packages.front();
  write_text(near_ / "archives" / (one.sha256 + ".deb"), std::string(one.size, 'x'));
  const auto done = deliver_there();
  ASSERT_FALSE(done);
  ASSERT_EQ(done.error().also.size(), 1U);
  EXPECT_EQ(done.error().also.front().code, "deploy.corrupt");
  EXPECT_FALSE(fs::exists(state() / "archives" / (one.sha256 + ".deb")));
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(DeliveryTest, AHostThatAsksForSomethingElseGetsNothing) {
  const std::string hail = "cc-ci-deploy 1\n";
  const std::string other = base::sha256("secret").hex() + "\n";
  test::Recorded archives(hail + frame('r', write(Ready{"x", true, {}})) + frame('w', other));
  EXPECT_EQ(deliver(archives, parcel_, wanted_, watch_, false).error().code, "deploy.message");
  test::Recorded files(hail + frame('r', write(Ready{"x", false, {}})) + frame('w', other));
  EXPECT_EQ(deliver(files, parcel_, wanted_, watch_, false).error().code, "deploy.message");
}

TEST_F(DeliveryTest, AChangeUnderWayIsNoticed) {
  write_text(project_ / "scripts/run", "#!/bin/sh\nmore\n");
  EXPECT_EQ(deliver_there().error().code, "deploy.changed");
  write_text(project_ / "scripts/run", "#!/bin/no\n");
  const auto same_size = deliver_there();
  ASSERT_FALSE(same_size);
  EXPECT_EQ(same_size.error().also.front().code, "deploy.corrupt");
}

TEST_F(DeliveryTest, HostileBeginnings) {
  EXPECT_EQ(refusal(""), "deploy.ended");
  EXPECT_EQ(refusal(frame('m', parcel_.manifest.text())), "deploy.frame");
  EXPECT_EQ(refusal(frame('h', "{}")), "deploy.message");
  EXPECT_EQ(refusal(frame('h', "", 1U << 30U)), "deploy.frame");
  Hello other = hello();
  other.state = "/etc";
  EXPECT_EQ(refusal(frame('h', write(other))), "deploy.state");
}

TEST_F(DeliveryTest, HostileManifests) {
  const std::string digest(64, 'a');
  EXPECT_EQ(refusal(begin() + frame('m', "cc-ci-project 1\n")), "deploy.corrupt");
  EXPECT_EQ(refusal(begin() + frame('m', "cc-ci-project 1\nfile 644 1 " + digest + " ../x\n")),
            "deploy.project-entry");
  EXPECT_EQ(refusal(begin() + frame('m', "cc-ci-project 1\nlink a /etc\nlink a/b c\n")),
            "deploy.project-entry");
  EXPECT_EQ(refusal(begin() + frame('m', std::string(largest(FrameKind::manifest).value(), '\n'))),
            "deploy.project-large");
}

TEST_F(DeliveryTest, RepeatedAndTruncatedStreams) {
  EXPECT_EQ(refusal(begin() + begin()), "deploy.frame");
  EXPECT_EQ(refusal(begin() + manifest() + manifest()), "deploy.frame");
  const auto& [digest, path] = *parcel_.files.begin();
  const std::string once = blob(digest, read_text(project_ / path));
  EXPECT_EQ(refusal(begin() + manifest() + once + once), "deploy.corrupt");
  const std::string whole = begin() + manifest() + files();
  for (std::size_t length = 0; length < whole.size(); length += 61) {
    EXPECT_EQ(refusal(whole.substr(0, length)), "deploy.ended") << length;
  }
}

TEST_F(DeliveryTest, HostileBlobs) {
  const auto& [digest, path] = *parcel_.files.begin();
  const std::string content = read_text(project_ / path);
  const std::string until = begin() + manifest();
  EXPECT_EQ(refusal(until + blob(std::string(64, 'a'), content)), "deploy.corrupt");
  EXPECT_EQ(refusal(until + blob(digest, content + "x")), "deploy.corrupt");
  EXPECT_EQ(refusal(until + blob(digest, std::string(content.size(), 'x'))), "deploy.corrupt");
  EXPECT_EQ(refusal(until + frame('b', write(BlobHead{digest, content.size()})) +
                    frame('d', content + "more")),
            "deploy.frame");
  EXPECT_EQ(refusal(until + frame('b', write(BlobHead{digest, content.size()})) + frame('d', "")),
            "deploy.frame");
  EXPECT_EQ(refusal(until + frame('b', write(BlobHead{digest, content.size()})) + frame('w', "")),
            "deploy.frame");
  EXPECT_EQ(refusal(until + frame('b', "x")), "deploy.message");
  EXPECT_EQ(refusal(until + frame('a', std::string(64, 'b') + "\n")), "deploy.frame");
  EXPECT_EQ(refusal(until + frame('z', "{}")), "deploy.frame");
  EXPECT_FALSE(fs::exists(state() / "projects"));
}

TEST_F(DeliveryTest, ArchivesOfAnotherSizeOrDigest) {
  const auto smallest =
      std::min_element(parcel_.lock.packages.begin(), parcel_.lock.packages.end(),
                       [](const auto& a, const auto& b) { return a.sha256 < b.sha256; });
  const std::string until = begin() + manifest() + files();
  EXPECT_EQ(refusal(until + frame('b', write(BlobHead{smallest->sha256, smallest->size + 1}))),
            "deploy.corrupt");
  // The project has come now.
  EXPECT_EQ(refusal(begin() + frame('b', write(BlobHead{smallest->sha256, 1ULL << 60U}))),
            "deploy.corrupt");
}

TEST_F(DeliveryTest, AProjectThatDoesNotFitTogether) {
  parcel_.lock.asks = std::string(64, '0');
  pack();
  EXPECT_EQ(describe(deliver_there().error()),
            "deploy.remote host=a; deploy.stale lock=cc-ci.lock");
  parcel_.lock.asks = lock::fingerprint(declare::parse(declaration_text, "cc-ci.toml").value());
  parcel_.lock.architecture = "vax";
  pack();
  EXPECT_EQ(deliver_there().error().also.front().code, "deploy.architecture");
  wanted_.host = "b";
  EXPECT_EQ(deliver_there().error().also.front().code, "deploy.unknown-host");
}

TEST_F(DeliveryTest, APeerThatGoesAwayIsTold) {
  test::Wire wire;
  std::thread far([&] {
    FdStream stream(wire.far(), wire.far());
    Frames frames(stream);
    static_cast<void>(frames.greet());
    static_cast<void>(frames.meet());
    static_cast<void>(frames.receive());
    static_cast<void>(frames.send(FrameKind::failed, write(base::fail("deploy.state"))));
    wire.close_far();
  });
  FdStream stream(wire.near(), wire.near());
  const auto delivered = deliver(stream, parcel_, wanted_, watch_, false);
  far.join();
  EXPECT_EQ(describe(delivered.error()), "deploy.remote host=a; deploy.state");
}

TEST_F(DeliveryTest, TheFarSideSaysThatItIsThere) {
  pulse_ = std::chrono::milliseconds(1);
  test::Wire wire;
  std::thread far([&] {
    FdStream stream(wire.far(), wire.far());
    static_cast<void>(serve(stream));
    wire.close_far();
  });
  FdStream stream(wire.near(), wire.near());
  Frames frames(stream);
  EXPECT_TRUE(frames.greet());
  EXPECT_TRUE(frames.meet());
  for (int i = 0; i < 3; ++i) {
    const auto frame = frames.receive();
    EXPECT_TRUE(frame && frame->kind == FrameKind::working && frame->content.empty());
  }
  wire.close_near();
  far.join();
  // It gets in the way of nothing else.
  EXPECT_EQ(deliver_there().error().code, "deploy.remote");
  EXPECT_EQ(kept_archives(), 2U);
}

TEST_F(DeliveryTest, WhatWasWaitedForIsSaid) {
  const std::string hail = "cc-ci-deploy 1\n";
  const std::string ready = hail + frame('r', write(Ready{"x", true, {}}));
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "an answer"},
      {hail, "what is there"},
      {ready, "which archives it lacks"},
      {ready + frame('w', "") + frame('p', "") + frame('p', "unpack"),
       "the system that it builds"}};
  for (const auto& [bytes, waiting] : cases) {
    test::Wire wire;
    ASSERT_EQ(::write(wire.far(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    FdStream stream(wire.near(), wire.near(), {std::chrono::milliseconds(20), {}, true});
    const auto delivered = deliver(stream, parcel_, wanted_, watch_, false);
    ASSERT_FALSE(delivered);
    EXPECT_EQ(describe(delivered.error()), "deploy.quiet seconds=0 waiting=" + waiting);
  }
}

TEST(Gather, TakesFilesAndLinksAndNothingElse) {
  const test::Scratch scratch;
  fs::create_directories(scratch / "module");
  write_text(scratch / "file", "x");
  fs::create_symlink("file", scratch / "link");
  const auto manifest = gather(scratch.path(), {"file", "link", "module", "gone", "gone/below"});
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->entries().size(), 2U);
  EXPECT_EQ(manifest->entries().at("link").target, "file");
  fs::create_symlink("/etc/passwd", scratch / "out");
  EXPECT_EQ(gather(scratch.path(), {"out"}).error().code, "deploy.project-entry");
}

}  // namespace
}  // namespace ccci::deploy
