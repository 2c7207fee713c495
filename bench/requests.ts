/*
 * Sends deliberately expensive requests, one at a time, to a service that measures itself, and prints the CPU time and
 * the longest turn of the event loop of each as the Markdown table of docs/SECURITY.md. It takes the best of four
 * rounds, since the first also pays for compilers.
 */
import { join } from 'node:path'
import { loadFolder } from '../services/registry/load-folder.ts'
import { startMeteredService } from '../rig/metered-service.ts'
import { withOwner } from '../rig/owner.ts'
import { startRedis } from '../rig/redis.ts'
import { HOSTILE_REQUEST_SHAPE, isHostileRequest } from './hostile-request.ts'
import { ROOMY } from './service.ts'

const [only = ''] = process.argv.slice(2)

await withOwner(async (owner) => {
  const requests = await loadFolder(join(import.meta.dirname, 'requests'), isHostileRequest, HOSTILE_REQUEST_SHAPE)
  const redis = await startRedis(owner)
  const service = await startMeteredService(owner, { REDIS_URL: redis.url, ...ROOMY })
  print(['request', 'bytes', 'answer', 'bytes', 'CPU, ms', 'longest turn, ms'])
  print(['---', '---:', '---', '---:', '---:', '---:'])
  for (const { value: { name, send } } of requests.filter((entry) => entry.name.includes(only))) {
    const { result, cpuMs, longestTurnMs } = await service.measureLeast(() => send(service.url))
    const numbers = [result.sentBytes, result.status, result.answerBytes, Math.round(cpuMs), Math.round(longestTurnMs)]
    print([name, ...numbers.map((number) => number.toLocaleString('en'))])
  }
})

function print (cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}
