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
  if (request.registry && words[0] !== 'config') options.push('--registry', request.registry);
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

function read(name, otherwise) {
  return json(fs.existsSync(place(name)) ? fs.readFileSync(place(name), 'utf8') : otherwise);
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

// The public registry stands for the declared one, and an address that is left out for the usual.
function at_registry(where, entry, usual) {
  const name = entry.name || where.slice(where.lastIndexOf('node_modules/') + 13);
  const declared = request.scopes[name.split('/')[0]] || request.registry;
  const registry = (declared || usual).replace(/\/*$/, '/');
  if (!entry.resolved) {
    return `${registry}${name}/-/${name.slice(name.indexOf('/') + 1)}-${entry.version}.tgz`;
  }
  const url = new URL(entry.resolved);
  return declared && url.hostname === new URL(usual).hostname
    ? registry + (url.pathname + url.search).slice(1) : entry.resolved;
}

// Installs what the project's own lock names.
function install_lock() {
  const lock = read('project-lock.json');
  const description = read('description.json');
  // Which npm a package asks for does not matter: the environment needs none.
  const told = (npm('config', 'get', 'registry').stdout || '').trim().replace(/"/g, '');
  const usual = told.startsWith('http') ? told : request.registry;
  const without_npm = (entry) => entry.engines && delete entry.engines.npm;
  without_npm(description);
  for (const [where, entry] of Object.entries(lock.packages)) {
    without_npm(entry);
    if (where && !entry.inBundle) entry.resolved = at_registry(where, entry, usual);
  }
  delete lock.dependencies;  // the same in the form of version 1
  lock.lockfileVersion = 3;
  fs.writeFileSync(place('package-lock.json'), JSON.stringify(lock));
  fs.writeFileSync(place('package.json'), JSON.stringify(description));
  const include = ['--include=dev', '--include=optional', '--include=peer'];
  const run = npm('ci', ...include);
  const code = ((json(run.stdout || '') || {}).error || {}).code;
  if (run.status === 0 || !['EUSAGE', 'ERESOLVE'].includes(code)) return run;
  // A lock does not say that it was made without peers.
  const again = npm('ci', ...include, '--legacy-peer-deps');
  return again.status === 0 ? again : run;
}

// Debian's npm does not know that some packages are for another C library only. Newer ones do.
function without_other_libc(tree) {
  for (const [where, entry] of Object.entries(tree.packages)) {
    if (!entry.optional && !entry.devOptional) continue;
    const about = read(path.join(where, 'package.json'), '{}') || {};
    const names = [].concat(about.libc || entry.libc || []);
    const fit = names.includes('glibc') || names.every((name) => `${name}`.startsWith('!'));
    if (!fit || names.includes('!glibc')) delete tree.packages[where];
  }
  return tree;
}

// npm has checked the bytes in its cache against the digest, the strongest if there are several.
function files(tree) {
  const found = {};
  for (const [where, entry] of Object.entries(tree.packages)) {
    const digests = [...(entry.integrity || '').matchAll(/(sha\d+)-([A-Za-z0-9+/=]+)/g)];
    for (const [, kind, digest] of digests.sort((a, b) => b[2].length - a[2].length)) {
      const hex = Buffer.from(digest, 'base64').toString('hex');
      const file = path.join('cache', '_cacache', 'content-v2', kind, hex.slice(0, 2),
        hex.slice(2, 4), hex.slice(4));
      if (!fs.existsSync(place(file))) continue;
      const bytes = fs.readFileSync(place(file));
      found[where] = {file, size: bytes.length,
        sha256: crypto.createHash('sha256').update(bytes).digest('hex')};
      break;
    }
  }
  return found;
}

// Fetches addresses, and finds the files by their digests.
function fetch() {
  const found = {};
  const run = npm('cache', 'add', ...request.urls);
  const walk = (directory) => {
    for (const entry of fs.existsSync(place(directory))
      ? fs.readdirSync(place(directory), {withFileTypes: true}) : []) {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) {
        walk(file);
      } else if (entry.isFile()) {
        const bytes = fs.readFileSync(place(file));
        found[crypto.createHash('sha256').update(bytes).digest('hex')] = file;
      }
    }
  };
  walk(path.join('cache', '_cacache', 'content-v2'));
  return [run, found];
}

// Names that people mean: an exact answer of the registry decides.
function near(name) {
  const others = [name.toLowerCase(), name.replace(/[_.]/g, '-'), name.replace(/[-_.]/g, ''),
    name.replace(/^node-|-?js$/g, '')];
  return [...new Set(others)].find((other) => other && other !== name &&
    json(npm('view', other, 'name').stdout) === other) || '';
}

// The package that the message is about.
function named(error) {
  const text = `${error.summary} ${error.detail}`;
  const [, name] = (error.code === 'E404' && /'(@?[^'@]+)@[^']*'/.exec(text)) ||
    /for (@?[^@\s]+)@/.exec(text) || /\/((?:@[^\s/]+(?:\/|%2f))?[^\s/]+)\/-\//.exec(text) || [];
  return (name || '').replace('%2f', '/');
}

const answer = {tree: null, lock: null, files: {}, fetched: {}, error: {}, near: '', versions: []};
let run;
if (request.mode === 'fetch') {
  [run, answer.fetched] = fetch();
} else if (request.mode === 'lock') {
  run = install_lock();
} else {
  run = install(true);
  if (run.status !== 0 && Object.keys(request.keep).length) run = install(false);
}
answer.output = (run.stderr || '').slice(-4000);
answer.slow = Boolean(run.error);
if (run.status !== 0) {
  answer.error = (json(run.stdout || '') || {}).error || {};
  const name = named(answer.error);
  answer.name = name;
  const asks = request.mode === 'install' && name;
  if (asks && answer.error.code === 'E404') answer.near = near(name);
  if (asks && answer.error.code === 'ETARGET') {
    answer.versions = [].concat(json(npm('view', name, 'versions').stdout) || []);
  }
} else if (request.mode !== 'fetch') {
  answer.tree = without_other_libc(
    read('node_modules/.package-lock.json', '{"packages": {}}'));
  answer.lock = read('package-lock.json', '{"packages": {}}');
  answer.files = files(answer.tree);
}
fs.writeFileSync(place('answer.json'), JSON.stringify(answer));
)js";
}

}  // namespace ccci::node
