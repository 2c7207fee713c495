import { totalmem } from 'node:os'
import { HARD_SHARE } from '../../admission/memory.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import { exchange } from './server-probe.ts'

/** Share of the machine or container: Redis grows while it rewrites its file, and this process needs some. */
const MACHINE_SHARE = 0.4

const USED = /\r\nused_memory:(\d+)\r\n/

/**
 * Returns the limit for a server that holds so much already. A limit below that would keep workers from draining it:
 * what is stored counts as full then, and the rest is room for them.
 */
export function maxmemoryFor (wantedBytes: number, usedBytes: number): number {
  return Math.max(wantedBytes, Math.ceil(usedBytes / HARD_SHARE))
}

/** The limit that nobody configured. */
export function defaultMaxmemory (
  machineBytes = totalmem(), constrainedBytes = process.constrainedMemory() ?? 0
): number {
  // The value is 0, or more than any machine has, if nothing is constrained.
  const bytes = constrainedBytes > 0 ? Math.min(machineBytes, constrainedBytes) : machineBytes
  return Math.floor(bytes * MACHINE_SHARE)
}

/** Gives a server that takes commands our settings; an adopted one has those of the process that died. */
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
    log.warn({ event: 'embedded-redis-setting', [name]: value, reply }, 'the embedded Redis did not take a setting')
  }
  if (maxmemory > wantedBytes) {
    log.warn({ event: 'embedded-redis-over-limit', usedBytes, wantedBytes, maxmemory },
      `the embedded Redis holds ${usedBytes} bytes already; its maxmemory is ${maxmemory} instead of ${wantedBytes} ` +
      'until it starts with less')
  }
}
