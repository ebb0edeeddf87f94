# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's PostgreSQL on a host of release "master", for the results of several hosts."""

DATABASE = "ci"


def address(host_name):
    return f"postgresql://{DATABASE}@{host_name}/{DATABASE}?sslmode=disable"


def start(host):
    """Serves the hosts' network. The server asks for no password."""
    place = "/etc/postgresql/15/main"
    host.write(f"{place}/conf.d/net.conf", "listen_addresses = '*'\n")
    host.path(f"{place}/pg_hba.conf").write_text(
        "local all postgres peer\n" +
        "".join(f"host {DATABASE} {DATABASE} {network} trust\n"
                for network in ("127.0.0.0/8", "10.85.0.0/24")))
    host.sh("systemctl start postgresql@15-main.service; cd /; "
            f"su postgres -c 'createuser {DATABASE} && createdb --owner {DATABASE} {DATABASE}'")
