import t from 'tap'
import { Accounts } from '../../../services/organizations/accounts.ts'
import { TermsBook, type Terms } from '../../../services/organizations/quota.ts'

const BOOK = new TermsBook({ default: { eventsPerSecond: 10 }, organizations: { named: { eventsPerSecond: 10 } } })
const TERMS = BOOK.default as Terms

t.test('an account that loses its place is found by none of its names', async (t) => {
  const accounts = new Accounts(1)
  const { name } = accounts.open('quiet', TERMS)
  t.equal(accounts.named(name), accounts.find('quiet'))
  t.equal(accounts.sharedFor('newcomer', TERMS, BOOK, 0), undefined, 'there is room in its place')
  t.strictSame([accounts.find('quiet'), accounts.named(name)], [undefined, undefined])
})

t.test('an account in use keeps its place, and newcomers share one', async (t) => {
  const accounts = new Accounts(1)
  const busy = accounts.open('busy', TERMS)
  busy.charge(1, 0, 1, true)
  const shared = accounts.sharedFor('one', TERMS, BOOK, 0)
  t.ok(shared)
  t.equal(accounts.sharedFor('two', TERMS, BOOK, 0), shared)
  t.equal(accounts.sharedFor('named', TERMS, BOOK, 0), undefined, 'the settings name it')
  t.equal(accounts.named(busy.name), busy)
})
