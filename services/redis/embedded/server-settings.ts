import { totalmem } from 'node:os'
import { HARD_SHARE } from '../../admission/memory.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import { exchange } from './server-probe.ts'

/**
 * Share of the memory of the machine or container: Redis grows while it rewrites its file, and this process needs
 * memory, too.
 */
const MACHINE_SHARE = 0.4

const USED = /\r\nused_memory:(\d+)\r\n/

/**
 * Returns the limit for a server that holds this much already. A limit below its content would keep workers from
 * draining it, so the content counts as full, and the workers get some room above it.
 */
export function maxmemoryFor (wantedBytes: number, usedBytes: number): number {
  return Math.max(wantedBytes, Math.ceil(usedBytes / HARD_SHARE))
}

/** Returns the default limit. */
export function defaultMaxmemory (
  machineBytes = totalmem(), constrainedBytes = process.constrainedMemory() ?? 0
): number {
  // Without a constraint the value is 0, or larger than any machine.
  const bytes = constrainedBytes > 0 ? Math.min(machineBytes, constrainedBytes) : machineBytes
  return Math.floor(bytes * MACHINE_SHARE)
}

/**
 * Has Redis write its append-only file anew. Redis 7.0 removes a half-written command from its end, but leaves the
 * beginning of its transaction: the next load would run that with the next transaction, and redis-check-aof would cut
 * off everything from there on.
 */
export async function rewriteFile ({ log }: EmbeddedRedisOptions, socketPath: string): Promise<void> {
  const reply = await exchange(socketPath, 'BGREWRITEAOF\r\n', (text) => text.endsWith('\r\n')).catch(String)
  log.warn(
    { event: 'embedded-redis-cut-off', reply: reply.trim() },
    'the append-only file of the embedded Redis ended in the middle of a command, as after a power cut; ' +
    'Redis cut it off there and writes the file anew'
  )
}

/** Applies the settings to a running server; an adopted one has those of the process that died. */
export async function applySettings (
  { appendfsync, maxmemoryBytes: wantedBytes = defaultMaxmemory(), log }: EmbeddedRedisOptions, socketPath: string
): Promise<void> {
  const info = await exchange(socketPath, 'INFO memory\r\n', (text) => USED.test(text)).catch(String)
  const usedBytes = Number(USED.exec(info)?.[1] ?? 0)
  const maxmemory = maxmemoryFor(wantedBytes, usedBytes)
  for (const [name, value] of Object.entries({ appendfsync, maxmemory })) {
    const command = `CONFIG SET ${name} ${value}\r\n`
    const reply = await exchange(socketPath, command, (text) => text.endsWith('\r\n')).catch(String)
    if (reply.startsWith('+OK')) continue
    log.warn({ event: 'embedded-redis-setting', [name]: value, reply }, 'the embedded Redis refused a setting')
  }
  if (maxmemory > wantedBytes) {
    log.warn({ event: 'embedded-redis-over-limit', usedBytes, wantedBytes, maxmemory },
      `the embedded Redis holds ${usedBytes} bytes already; its maxmemory is ${maxmemory} instead of ${wantedBytes} ` +
      'until it starts with less')
  }
}
