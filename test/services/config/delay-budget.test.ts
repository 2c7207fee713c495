import t from 'tap'
import { ConfigError } from '../../../services/config/config-error.ts'
import { loadConfig } from '../../../services/config/load-config.ts'

function problems (environment: Record<string, string>): string[] {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n').slice(1)
  }
}

t.test('a delay budget below ten readings stops the start if thresholds are adaptive', async (t) => {
  const adaptive = { BACKPRESSURE_THRESHOLDS: 'adaptive' }
  t.strictSame(problems({ ...adaptive, DELAY_BUDGET_NORMAL_MS: '999' }), [
    '  DELAY_BUDGET_NORMAL_MS: given "999", allowed: at least 1000 with BACKPRESSURE_THRESHOLDS=adaptive: ' +
    'ten times QUEUE_SAMPLE_INTERVAL_MS (100)'
  ])
  t.match(problems({ ...adaptive, QUEUE_SAMPLE_INTERVAL_MS: '3001' }), [/DELAY_BUDGET_NORMAL_MS: given "30000".*30010/])
  const fine: Record<string, string>[] = [
    { ...adaptive, DELAY_BUDGET_NORMAL_MS: '1000' }, { ...adaptive, QUEUE_SAMPLE_INTERVAL_MS: '3000' },
    { ...adaptive, DELAY_BUDGET_NORMAL_MS: '100', QUEUE_SAMPLE_INTERVAL_MS: '10' }, { DELAY_BUDGET_NORMAL_MS: '1' }
  ]
  for (const environment of fine) t.strictSame(problems(environment), [], JSON.stringify(environment))
})

t.test('is reported with every other bad key, unless a key that it depends on is bad', async (t) => {
  const environment = { BACKPRESSURE_THRESHOLDS: 'adaptive', DELAY_BUDGET_NORMAL_MS: '1', PORT: 'x' }
  t.match(problems(environment), [/PORT/, /DELAY_BUDGET_NORMAL_MS/])
  t.match(problems({ ...environment, QUEUE_SAMPLE_INTERVAL_MS: '0' }), [/PORT/, /QUEUE_SAMPLE_INTERVAL_MS/])
})
