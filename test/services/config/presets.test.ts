import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import type { Config } from '../../../services/config/schema.ts'

function thresholds (
  { QUEUE_WARNING_THRESHOLD, QUEUE_CRITICAL_THRESHOLD, QUEUE_RECOVERY_THRESHOLD, QUEUE_HARD_LIMIT }: Config
): number[] {
  return [QUEUE_WARNING_THRESHOLD, QUEUE_CRITICAL_THRESHOLD, QUEUE_RECOVERY_THRESHOLD, QUEUE_HARD_LIMIT]
}

t.test('a preset sets warning, critical and recovery', async (t) => {
  const table: [preset: string | undefined, thresholds: number[]][] = [
    [undefined, [10_000, 50_000, 5_000, 1_000_000]],
    ['development', [1_000, 5_000, 500, 1_000_000]],
    ['staging', [5_000, 25_000, 2_500, 1_000_000]],
    ['production-10k', [10_000, 50_000, 5_000, 1_000_000]],
    ['production-100k', [50_000, 200_000, 25_000, 1_000_000]]
  ]
  for (const [preset, expected] of table) {
    t.strictSame(thresholds(loadConfig({ BACKPRESSURE_PRESET: preset })), expected, preset ?? 'none')
  }
})

t.test('an explicit key wins over the preset', async (t) => {
  const config = loadConfig({
    BACKPRESSURE_PRESET: 'development',
    QUEUE_CRITICAL_THRESHOLD: '3000',
    QUEUE_HARD_LIMIT: '4000'
  })
  t.strictSame(thresholds(config), [1_000, 3_000, 500, 4_000])
})

t.test('an empty key does not win over the preset', async (t) => {
  const config = loadConfig({ BACKPRESSURE_PRESET: 'development', QUEUE_CRITICAL_THRESHOLD: '' })
  t.strictSame(thresholds(config), [1_000, 5_000, 500, 1_000_000])
})

t.test('loading never changes a preset', async (t) => {
  loadConfig({ BACKPRESSURE_PRESET: 'staging', QUEUE_WARNING_THRESHOLD: '6000' })
  t.strictSame(thresholds(loadConfig({ BACKPRESSURE_PRESET: 'staging' })), [5_000, 25_000, 2_500, 1_000_000])
})
