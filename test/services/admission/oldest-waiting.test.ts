import t from 'tap'
import { oldestWaitingSeconds } from '../../../services/admission/oldest-waiting.ts'

t.test('tells the largest age of each class, in seconds', async (t) => {
  const none = Array.from({ length: 11 }, () => null)
  const table: [ages: Record<number, number>, seconds: (number | null)[]][] = [
    [{}, [null, null, null]],
    [{ 1: 0 }, [0, null, null]],
    [{ 2: 500, 3: 2_000, 5: 10 }, [null, 2, null]],
    [{ 1: 7, 6: 1_000, 10: 999 }, [0.007, null, 1]]
  ]
  for (const [ages, seconds] of table) {
    const agesMs = none.map((_, priority) => ages[priority] ?? null)
    t.strictSame(Object.values(oldestWaitingSeconds(agesMs)), seconds, JSON.stringify(ages))
  }
  t.strictSame(oldestWaitingSeconds(undefined), { critical: null, normal: null, low: null })
})
