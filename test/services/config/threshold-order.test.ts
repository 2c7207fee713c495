import t from 'tap'
import { loadConfig, type EnvironmentVariables } from '../../../services/config/load-config.ts'

function problems (environment: EnvironmentVariables): string[] {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    return (error as Error).message.split('\n').slice(1)
  }
}

const order = (recovery: string, warning: string, critical: string, hardLimit: string) => 'values in the order ' +
  `QUEUE_RECOVERY_THRESHOLD (${recovery}) < QUEUE_WARNING_THRESHOLD (${warning}) < ` +
  `QUEUE_CRITICAL_THRESHOLD (${critical}) < QUEUE_HARD_LIMIT (${hardLimit})`

t.test('thresholds in order pass, however close', async (t) => {
  t.strictSame(
    problems({
      QUEUE_RECOVERY_THRESHOLD: '1',
      QUEUE_WARNING_THRESHOLD: '2',
      QUEUE_CRITICAL_THRESHOLD: '3',
      QUEUE_HARD_LIMIT: '4'
    }),
    []
  )
})

t.test('the key that was set is to blame, not the default', async (t) => {
  t.strictSame(problems({ QUEUE_CRITICAL_THRESHOLD: '9000' }), [
    `  QUEUE_CRITICAL_THRESHOLD: given "9000", allowed: ${
      order('unset, so 5000', 'unset, so 10000', '9000', 'unset, so 1000000')
    }`
  ])
  t.strictSame(problems({ QUEUE_CRITICAL_THRESHOLD: '2000000' }), [
    `  QUEUE_CRITICAL_THRESHOLD: given "2000000", allowed: ${
      order('unset, so 5000', 'unset, so 10000', '2000000', 'unset, so 1000000')
    }`
  ])
})

t.test('equal thresholds are out of order, and both are named', async (t) => {
  const allowed = order('700', '700', 'unset, so 50000', 'unset, so 1000000')
  t.strictSame(problems({ QUEUE_RECOVERY_THRESHOLD: '700', QUEUE_WARNING_THRESHOLD: '700' }), [
    `  QUEUE_RECOVERY_THRESHOLD: given "700", allowed: ${allowed}`,
    `  QUEUE_WARNING_THRESHOLD: given "700", allowed: ${allowed}`
  ])
})

t.test('every key out of order is named', async (t) => {
  const allowed = order('40', '30', '20', '10')
  const environment = {
    QUEUE_RECOVERY_THRESHOLD: '40',
    QUEUE_WARNING_THRESHOLD: '30',
    QUEUE_CRITICAL_THRESHOLD: '20',
    QUEUE_HARD_LIMIT: '10'
  }
  t.strictSame(problems(environment), [
    `  QUEUE_RECOVERY_THRESHOLD: given "40", allowed: ${allowed}`,
    `  QUEUE_WARNING_THRESHOLD: given "30", allowed: ${allowed}`,
    `  QUEUE_CRITICAL_THRESHOLD: given "20", allowed: ${allowed}`,
    `  QUEUE_HARD_LIMIT: given "10", allowed: ${allowed}`
  ])
})

t.test('the order is checked after the preset', async (t) => {
  t.strictSame(problems({ BACKPRESSURE_PRESET: 'production-100k', QUEUE_HARD_LIMIT: '200000' }), [
    `  QUEUE_HARD_LIMIT: given "200000", allowed: ${
      order('unset, so 25000', 'unset, so 50000', 'unset, so 200000', '200000')
    }`
  ])
  t.strictSame(problems({ BACKPRESSURE_PRESET: 'development', QUEUE_HARD_LIMIT: '5001' }), [])
})

t.test('a key with a bad value does not hide an order problem of the others', async (t) => {
  t.match(problems({ QUEUE_WARNING_THRESHOLD: 'x', QUEUE_RECOVERY_THRESHOLD: '60000' }), [
    /^ {2}QUEUE_WARNING_THRESHOLD: given "x"/,
    /^ {2}QUEUE_RECOVERY_THRESHOLD: given "60000", allowed: values in the order QUEUE_RECOVERY_THRESHOLD \(60000\) < QUEUE_CRITICAL_THRESHOLD/
  ])
})

t.test('an unknown preset is no reason to compare with the defaults', async (t) => {
  t.strictSame(problems({ BACKPRESSURE_PRESET: 'huge', QUEUE_WARNING_THRESHOLD: '90000' }), [
    '  BACKPRESSURE_PRESET: given "huge", allowed: one of development, staging, production-10k, production-100k'
  ])
})

t.test('thresholds in bytes are in order where both are set', async (t) => {
  t.strictSame(problems({ QUEUE_CRITICAL_BYTES: '10', QUEUE_HARD_BYTES: '11' }), [])
  t.strictSame(problems({ QUEUE_CRITICAL_BYTES: '10' }), [])
  t.strictSame(problems({ QUEUE_CRITICAL_BYTES: '11', QUEUE_HARD_BYTES: '11' }), [
    '  QUEUE_CRITICAL_BYTES: given "11", allowed: less than QUEUE_HARD_BYTES (11)'
  ])
})
