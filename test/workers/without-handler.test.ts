import t from 'tap'
import { DONE } from '../../services/event/outcome.ts'
import { chooseHandlers } from '../../workers/without-handler.ts'
import { eventHandler } from '../app.ts'

t.test('events that another handler takes are not printed', async (t) => {
  const show = eventHandler(() => DONE, 'show')
  const own = eventHandler(() => DONE, 'own')
  for (const mode of ['wait', 'show', 'discard'] as const) {
    t.strictSame(chooseHandlers([own, show], { WITHOUT_HANDLER: mode }), { handlers: [own], without: undefined })
    t.strictSame(chooseHandlers([show], { WITHOUT_HANDLER: mode }), { handlers: [show], without: 'show' })
    t.strictSame(chooseHandlers([], { WITHOUT_HANDLER: mode }), {
      handlers: [], without: mode === 'discard' ? 'discard' : 'wait'
    })
  }
})
