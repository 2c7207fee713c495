import t from 'tap'
import { leastBodyBudget } from '../../../services/config/body-budget.ts'
import { loadConfig, type EnvironmentVariables } from '../../../services/config/load-config.ts'

const problems = (environment: EnvironmentVariables) => {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    return (error as Error).message.split('\n').slice(1)
  }
}

t.test('a budget has room for the largest body twice', async (t) => {
  t.equal(leastBodyBudget({ BODY_LIMIT_BYTES: 1_048_576, BATCH_BODY_LIMIT_BYTES: 16_777_216 }), 33_554_432)
  t.equal(leastBodyBudget({ BODY_LIMIT_BYTES: 20_000_000, BATCH_BODY_LIMIT_BYTES: 16_777_216 }), 40_000_000)
  t.equal(leastBodyBudget({ BODY_LIMIT_BYTES: 1_024, BATCH_BODY_LIMIT_BYTES: 1_024 }), 2_097_152, 'also of operators')
})

t.test('a smaller one stops the start', async (t) => {
  for (const budget of ['', '0', '33554432', '1000000000'])
    t.strictSame(problems({ BODIES_IN_FLIGHT_BYTES: budget }), [], budget)
  t.strictSame(problems({ BODIES_IN_FLIGHT_BYTES: '33554431' }), [
    '  BODIES_IN_FLIGHT_BYTES: given "33554431", allowed: 0, or at least 33554432: twice the largest body ' +
    '(BODY_LIMIT_BYTES 1048576, BATCH_BODY_LIMIT_BYTES 16777216)'
  ])
  t.strictSame(problems({ BODIES_IN_FLIGHT_BYTES: '5000000', BATCH_BODY_LIMIT_BYTES: '2000000' }), [])
})

t.test('nothing is said of a budget beside a limit that is wrong itself', async (t) => {
  t.match(problems({ BODIES_IN_FLIGHT_BYTES: '1', BATCH_BODY_LIMIT_BYTES: 'x' }), [/BATCH_BODY_LIMIT_BYTES/])
})
