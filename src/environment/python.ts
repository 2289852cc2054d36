import { VENDOR_DOMAIN } from '../text/vendor-host.js'

/** Ports of the loopback for what is meant for the ports 443 and 80. */
export interface PythonTarget {
  readonly tlsPort: number
  readonly plainPort: number
}

/**
 * The program, `sitecustomize.py` in a folder of PYTHONPATH, by which a Python process connects to the emulator in the vendor's place,
 * beneath its HTTP clients. What goes wrong in it leaves the process to its proxy.
 *
 * The vendor's names resolve to an address that stands for them, and only a connection replaces it: some clients resolve a name without
 * the port that they connect to. Where something else comes in between, nothing answers at that address: no order gets to the vendor.
 */
export function pythonRedirect ({ tlsPort, plainPort }: PythonTarget): string {
  return `PORTS = {443: ${tlsPort}, 80: ${plainPort}}\nDOMAIN = u'${VENDOR_DOMAIN}'\n${PROGRAM}`
}

/** Runs in Python 2.7 and 3.6 and newer, and imports nothing that the interpreter has not loaded: it delays every start of one. */
const PROGRAM = `
import os
import sys

STAND_IN = '127.112.105.99'
# Functions of ours, and where they are in force.
IN_FORCE = []


def is_vendors(host):
    if isinstance(host, (bytes, bytearray)):
        host = host.decode('latin-1')
    if not isinstance(host, type(u'')):
        return False
    name = host.lower()
    name = name[:-1] if name.endswith(u'.') else name
    return name in (DOMAIN, STAND_IN) or name.endswith(u'.' + DOMAIN)


def destination(address):
    # The address of a Unix socket is a text.
    if isinstance(address, tuple) and len(address) > 1 and is_vendors(address[0]) and address[1] in PORTS:
        return ('127.0.0.1', PORTS[address[1]])
    return address


def redirect(socket):
    connect_before, connect_ex_before, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def connect(self, address):
        return connect_before(self, destination(address))

    def connect_ex(self, address):
        return connect_ex_before(self, destination(address))

    def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
        if is_vendors(host):
            # Without a network, nothing would be found for this machine's kinds of addresses.
            host, flags = STAND_IN, flags & ~getattr(socket, 'AI_ADDRCONFIG', 0)
        return resolve(host, port, family, type, proto, flags)

    socket.socket.connect = connect
    socket.socket.connect_ex = connect_ex
    socket.getaddrinfo = getaddrinfo
    IN_FORCE[:] = [(socket, 'getaddrinfo', getaddrinfo), (socket, 'socket', socket.socket), (socket.socket, 'connect', connect)]


def is_in_force():
    # gevent and others put sockets of their own there, which only a proxy leads to the emulator.
    return len(IN_FORCE) > 0 and all(vars(owner).get(name) is ours for owner, name, ours in IN_FORCE)


def spare_proxy(utils):
    # Under requests, urllib3 takes a connection that breaks behind a proxy for one that was not made, and repeats an order.
    bypass_before = utils.should_bypass_proxies

    def should_bypass_proxies(url, *args, **kwargs):
        return is_in_force() and is_vendors(utils.urlparse(url).hostname) or bypass_before(url, *args, **kwargs)

    utils.should_bypass_proxies = should_bypass_proxies


CHANGES = {'socket': redirect, 'requests.utils': spare_proxy}


class Changing(object):
    def find_spec(self, name, path=None, target=None):
        if name not in CHANGES:
            return None
        try:
            found = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self and hasattr(finder, 'find_spec'))
            spec = next(spec for spec in found if spec is not None)
            # A class would be changed for all that it loads.
            return None if isinstance(spec.loader, type) else changed(spec, name)
        except Exception:
            return None


def changed(spec, name):
    load = spec.loader.exec_module

    def exec_module(module):
        load(module)
        # A loader may be that of a whole archive.
        if module.__name__ == name:
            change(module)

    spec.loader.exec_module = exec_module
    return spec


def change(module):
    try:
        CHANGES[module.__name__](module)
    except Exception:
        pass


def install():
    if sys.version_info[0] == 2:
        import socket
    else:
        sys.meta_path.insert(0, Changing())
    for name in CHANGES:
        if name in sys.modules:
            change(sys.modules[name])


def run_next():
    folder = os.path.dirname(os.path.abspath(__file__))
    path = list(sys.path)
    sys.path[:] = [entry for entry in path if os.path.abspath(entry) != folder]
    hidden = [entry for entry in path if entry not in sys.path]
    try:
        import sitecustomize
    except ImportError as error:
        if getattr(error, 'name', 'sitecustomize') != 'sitecustomize':
            raise
    finally:
        sys.path[:0] = hidden


# Kept, as Python 2 empties a module that nobody has.
own = sys.modules.pop('sitecustomize', None)
try:
    # First, so that ours is in force if it is one of an emulator further out.
    run_next()
finally:
    sys.modules.setdefault('sitecustomize', own)
    try:
        install()
    except Exception:
        pass
`
