import t from 'tap'
import { slotOf } from '../../../../services/redis/cluster/key-slot.ts'

/** As CLUSTER KEYSLOT answers; 123456789 has the check value of the CRC, 0x31c3. */
const SLOTS: [key: string, slot: number][] = [
  ['', 0], ['123456789', 12_739], ['foo', 12_182], ['{foo}bar', 12_182], ['a{foo}{bar}', 12_182], ['foo{}{bar}', 8_363],
  ['foo{{bar}}zap', 4_015], ['{', 4_092], ['ü', 9_552]
]

t.test('computes the slot of a key as Redis does', async (t) => {
  for (const [key, slot] of SLOTS) t.equal(slotOf(key), slot, key)
})
