import t from 'tap'
import { restartDelayMs } from '../../../../services/redis/embedded/restart-delay.ts'

t.test('the first restart is immediate, later ones wait twice as long each time, up to 5 s', async (t) => {
  t.strictSame([0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000].map(restartDelayMs), [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
})
