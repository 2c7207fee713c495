import t from 'tap'
import { signatureProblem } from '../../../prove/checks/signature.ts'

// The vector of the specification of Standard Webhooks.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const HEADERS = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
}
const BODY = Buffer.from('{"test": 2432232314}')

t.test('a signature is checked by the specification', async (t) => {
  t.equal(signatureProblem(SECRET, HEADERS, BODY, 1_614_265_340, 60), undefined)
  t.equal(
    signatureProblem(SECRET, { ...HEADERS, signature: `v1,AAAA ${HEADERS.signature}` }, BODY, 1_614_265_340, 60),
    undefined
  )
  const table: [headers: Partial<typeof HEADERS>, body: Buffer, now: number][] = [
    [{}, Buffer.from('{"test": 2432232315}'), 1_614_265_340],
    [{ id: 'msg_x' }, BODY, 1_614_265_340],
    [{}, BODY, 1_614_265_400],
    [{ timestamp: 'now' }, BODY, 1_614_265_340],
    [{ signature: HEADERS.signature.replace('v1,', 'v2,') }, BODY, 1_614_265_340], [{ id: '' }, BODY, 1_614_265_340]
  ]
  for (const [headers, body, now] of table) {
    t.type(signatureProblem(SECRET, { ...HEADERS, ...headers }, body, now, 60), 'string')
  }
  t.type(signatureProblem(SECRET, { ...HEADERS, signature: undefined }, BODY, 1_614_265_340, 60), 'string')
})
