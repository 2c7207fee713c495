import type { Endpoint } from './endpoints.ts'

/** Says why a process cannot listen, and how to mend it. */
export function listenFailure (
  { code, message }: NodeJS.ErrnoException, { host, port, hostKey, portKey }: Endpoint
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use by another process; stop that process, or set ${portKey} to a free port`
    case 'EACCES':
      return `this user may not listen on port ${port}; set ${portKey} to a port from 1024 on`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine; set ${hostKey} to one of its addresses`
    default:
      return message
  }
}
