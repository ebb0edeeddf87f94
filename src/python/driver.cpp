// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/driver.hpp"

#include <string>

namespace ccci::python {

namespace {

// The names of files and variables are those that resolver.cpp writes.
constexpr std::string_view preparing = R"py(
import base64, glob, hashlib, html.parser, json, os, re, ssl, subprocess, sys, time, urllib.error, urllib.parse, urllib.request

BASE = os.path.dirname(os.path.abspath(__file__)) + '/'
REQUEST = json.load(open(BASE + 'request.json'))
LARGEST_PAGE = 64 << 20
SLOW = []
LOGIN = []
INDEX = '/tmp/home/index.txt'


def path(name):
    return BASE + name


def quoted(text):
    return urllib.parse.quote(text, safe='')


# pip gets the password with the address of the index, because it looks up a netrc file by the host
# alone: another port would get it too. It is in a variable and in memory only, never in an argument
# or on a disk.
def prepare():
    home = '/tmp/home'
    os.makedirs(home, mode=0o700)
    os.environ['HOME'] = home
    user, password = (os.environ.pop('CC_CI_INDEX_' + name, '') for name in ('USER', 'PASSWORD'))
    if user and REQUEST['index']:
        LOGIN.append((user, password))
        scheme, rest = REQUEST['index'].split('://', 1)
        address = f'{scheme}://{quoted(user)}:{quoted(password)}@{rest}'
        with open(os.open(INDEX, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as out:
            out.write(f'--index-url {address}\n')
    os.makedirs(path('tmp'), exist_ok=True)
    os.environ['TMPDIR'] = path('tmp')


)py";

constexpr std::string_view resolving = R"py(def pip(*words):
    program = sorted(glob.glob('/usr/share/python-wheels/pip-*.whl'))[-1] + '/pip'
    call = [sys.executable, '-I', program, '--isolated', '--no-input', '--no-color',
            '--disable-pip-version-check', '--no-cache-dir', *words]
    with open(path('output'), 'wb') as output:
        child = subprocess.Popen(call, stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=subprocess.STDOUT)
        status = watch(child)
    with open(path('output'), 'rb') as output:
        output.seek(max(0, os.path.getsize(path('output')) - 65536))
        return status, output.read().decode(errors='replace')


def work_of(pid):
    try:
        with open(f'/proc/{pid}/stat') as text:
            fields = text.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
    except (OSError, ValueError, IndexError):
        return None


# pip's own time limit begins again with each byte. A pip that does next to nothing for a minute
# waits for an index that sends next to nothing.
def watch(child):
    before, since = work_of(child.pid), time.monotonic()
    while True:
        try:
            return child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            pass
        now = work_of(child.pid)
        if now is None or before is None or now - before > 0.1:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > 60:
            child.kill()
            child.wait()
            SLOW.append(True)
            return 1


# A wheel that is here came from the index, as the earlier lock says.
def at_index(report):
    for item in report['install']:
        about = item['download_info']
        file = urllib.parse.unquote(about['url'].rsplit('/', 1)[-1])
        if not about['url'].startswith('file:') or file not in REQUEST['wheels']:
            continue
        with open(path('wheels/' + file), 'rb') as content:
            digest = hashlib.sha256(content.read()).hexdigest()
        about['url'] = REQUEST['wheels'][file]
        about['archive_info'] = {'hashes': {'sha256': digest}}
    return report


def resolve(constraints):
    report = path('report.json')
    if os.path.exists(report):
        os.unlink(report)
    words = ['install', '--dry-run', '--report', report, '--only-binary', ':all:',
             '--progress-bar', 'off', '--retries', '2', '--timeout', '30',
             '--cert', path('ca.pem'), '-r', path('requirements.txt')]
    if REQUEST['offline']:
        words += ['--no-index', '--find-links', path('wheels')]
    elif LOGIN:
        words += ['-r', INDEX]
    elif REQUEST['index']:
        words += ['--index-url', REQUEST['index']]
    for name in constraints:
        words += ['-c', path(name)]
    status, output = pip(*words)
    if status == 0:
        with open(report) as text:
            return at_index(json.load(text)), output
    return None, output


)py";

// Looks for what an error message of pip leaves out.
constexpr std::string_view probing = R"py(class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.files = []

    def handle_starttag(self, tag, attributes):
        if tag != 'a':
            return
        found = dict(attributes)
        place = urllib.parse.urlsplit(found.get('href') or '').path
        self.files.append({'file': urllib.parse.unquote(place.rsplit('/', 1)[-1]),
                           'requires': found.get('data-requires-python') or '',
                           'yanked': 'data-yanked' in found,
                           'reason': found.get('data-yanked') or ''})


def index_of_pip():
    found = re.search(r'Python Package Index\s+\(default\s+(\S+?)\)', re.sub(r'\s+', ' ', pip('help', 'install')[1]))
    return found.group(1) if found else ''


def fetch(index, name):
    page = index.rstrip('/') + '/' + re.sub(r'[-_.]+', '-', name).lower() + '/'
    request = urllib.request.Request(page, headers={'Accept': 'text/html', 'User-Agent': 'cc-ci'})
    if LOGIN:
        word = base64.b64encode(':'.join(LOGIN[0]).encode()).decode()
        request.add_unredirected_header('Authorization', 'Basic ' + word)
    context = ssl.create_default_context(cafile=path('ca.pem'))
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            text = answer.read(LARGEST_PAGE).decode(errors='replace')
            status = answer.status
    except urllib.error.HTTPError as error:
        return error.code, []
    except (OSError, ValueError) as error:
        return 0, []
    links = Links()
    links.feed(text)
    return status, links.files


def near(index, name):
    bare = re.sub(r'^(python3?|py)[-_]?', '', name, flags=re.IGNORECASE)
    known = REQUEST['known'].get(name.lower())
    tried = [known] if known else ['python-' + bare, 'py' + bare, bare]
    return [one for one in tried if one and one.lower() != name.lower() and fetch(index, one)[1]][:1]


def probe(output):
    found = re.findall(r'No matching distribution found for ([A-Za-z0-9][A-Za-z0-9._-]*)', output)
    if not found:
        return None
    index = REQUEST['index'] or index_of_pip()
    if not index:
        return None
    name = found[-1]
    status, files = fetch(index, name)
    return {'name': name, 'status': status, 'files': files[-5000:],
            'near': near(index, name) if not files else []}


)py";

constexpr std::string_view answering = R"py(def main():
    prepare()
    fixed = ['constraints.txt'] if REQUEST['constraints'] else []
    report, output, kept = None, '', False
    if REQUEST['keep']:  # first without a change
        report, output = resolve(fixed + ['keep.txt'])
        kept = report is not None
    if report is None and not SLOW:
        report, output = resolve(fixed)
    asks = report is None and not SLOW and not REQUEST['offline']
    answer = {'report': report, 'output': output, 'kept': kept,
              'slow': bool(SLOW), 'probe': probe(output) if asks else None}
    with open(path('answer.json.new'), 'w') as out:
        json.dump(answer, out)
    os.rename(path('answer.json.new'), path('answer.json'))


main()
)py";

}  // namespace

std::string_view driver_program() {
  static const std::string program = std::string(preparing) + std::string(resolving) +
                                     std::string(probing) + std::string(answering);
  return program;
}

}  // namespace ccci::python
