// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/driver.hpp"

namespace ccci::node {

// The names of files and variables are those that resolver.cpp writes.
std::string_view driver_program() {
  return R"js('use strict';
const {spawnSync} = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const here = __dirname;
const request = JSON.parse(fs.readFileSync(path.join(here, 'request.json'), 'utf8'));
const cli = ['/usr/share/nodejs/npm/bin/npm-cli.js', '/usr/lib/node_modules/npm/bin/npm-cli.js']
  .find((file) => fs.existsSync(file));
const place = (name) => path.join(here, name);

// The token is in a variable and in this file only, and the file is gone with the root.
fs.mkdirSync(place('home'), {recursive: true});
fs.writeFileSync(place('npmrc'), process.env.CC_CI_NPMRC || '', {mode: 0o600});

function npm(...words) {
  const env = {PATH: '/usr/bin:/bin', HOME: place('home'), LC_ALL: 'C.UTF-8', TZ: 'UTC0',
    NODE_OPTIONS: '--max-old-space-size=1500'};
  for (const name of request.variables) env[name] = process.env[name];
  const options = ['--json', '--userconfig', place('npmrc'), '--globalconfig', place('none'),
    '--cache', place('cache'), '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund',
    '--no-update-notifier', '--engine-strict', '--install-links=false', '--fetch-retries=1',
    '--fetch-timeout=60000', '--loglevel=error'];
  if (request.authorities) options.push('--cafile', place('ca.pem'));
  if (request.registry) options.push('--registry', request.registry);
  return spawnSync(process.execPath, [cli, ...words, ...options],
    {cwd: here, env, encoding: 'utf8', maxBuffer: 64 << 20, timeout: request.seconds * 1000});
}

function json(text) {
  try {
    return JSON.parse(text.slice(Math.max(text.search(/[[{"]/), 0)));
  } catch {
    return null;
  }
}

// Whether the locked version is still one that the declaration allows.
function fits(version, range) {
  try {
    return require('semver').satisfies(version, range || '*');
  } catch {
    return !range;
  }
}

function install(keep) {
  for (const name of ['node_modules', 'package-lock.json']) {
    fs.rmSync(place(name), {recursive: true, force: true});
  }
  const dependencies = {};
  for (const [name, range] of Object.entries(request.wanted)) {
    const locked = keep && request.keep[name];
    dependencies[name] = locked && fits(locked, range) ? locked : range || '*';
  }
  const overrides = {};
  for (const [name, version] of Object.entries(keep ? request.keep : {})) {
    if (!(name in dependencies)) overrides[name] = version;
  }
  fs.writeFileSync(place('package.json'), JSON.stringify(
    {name: 'cc-ci', version: '0.0.0', private: true, dependencies, overrides}));
  return npm('install');
}

// npm has checked the bytes in its cache against the registry's digest.
function files(tree) {
  const found = {};
  for (const [where, entry] of Object.entries(tree.packages)) {
    const [, kind, digest] = /\b(sha512|sha384|sha256|sha1)-([A-Za-z0-9+/=]+)/
      .exec(entry.integrity || '') || [];
    if (!kind) continue;
    const hex = Buffer.from(digest, 'base64').toString('hex');
    const file = path.join('cache', '_cacache', 'content-v2', kind, hex.slice(0, 2),
      hex.slice(2, 4), hex.slice(4));
    if (!fs.existsSync(place(file))) continue;
    const bytes = fs.readFileSync(place(file));
    found[where] = {file, size: bytes.length,
      sha256: crypto.createHash('sha256').update(bytes).digest('hex')};
  }
  return found;
}

// Names that people mean: an exact answer of the registry decides.
function near(name) {
  const others = [name.toLowerCase(), name.replace(/[_.]/g, '-'), name.replace(/[-_.]/g, ''),
    name.replace(/^node-|-?js$/g, '')];
  return [...new Set(others)].find((other) => other && other !== name &&
    json(npm('view', other, 'name').stdout) === other) || '';
}

let run = install(true);
if (run.status !== 0 && Object.keys(request.keep).length) run = install(false);
const answer = {tree: null, files: {}, error: {}, near: '', versions: [],
  output: (run.stderr || '').slice(-4000), slow: Boolean(run.error)};
if (run.status === 0) {
  answer.tree = json(fs.existsSync(place('node_modules/.package-lock.json'))
    ? fs.readFileSync(place('node_modules/.package-lock.json'), 'utf8') : '{"packages": {}}');
  answer.files = files(answer.tree);
} else {
  answer.error = (json(run.stdout || '') || {}).error || {};
  const text = `${answer.error.summary} ${answer.error.detail}`;
  const [, name] = (answer.error.code === 'E404' ? /'(@?[^'@]+)@[^']*'/ : /for (@?[^@\s]+)@/)
    .exec(text) || [];
  answer.name = name || '';
  if (name && answer.error.code === 'E404') answer.near = near(name);
  if (name && answer.error.code === 'ETARGET') {
    answer.versions = [].concat(json(npm('view', name, 'versions').stdout) || []);
  }
}
fs.writeFileSync(place('answer.json'), JSON.stringify(answer));
)js";
}

}  // namespace ccci::node
