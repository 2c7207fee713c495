/** @import { State } from '../contract.d.ts' */
import { byId, element, renderWhenChanged, setText } from '../element.js'
import { formatCount } from '../figures/format.js'
import { PRIORITY_CLASSES } from '../figures/priority-classes.js'
import { shadowSettingsText, shadowSpanText } from '../figures/shadow.js'

/** Shows where a shadow differs from the settings in force; hidden without one. @param {State} state */
export function showShadow ({ shadow, time }) {
  byId('shadow').hidden = shadow === null
  if (shadow === null) return
  setText(byId('shadow-since'), shadowSpanText(shadow, time))
  setText(byId('shadow-settings'), shadowSettingsText(shadow))
  renderWhenChanged(byId('shadow-rows'), shadow.recent, () => PRIORITY_CLASSES.map((name) => {
    const { onlyShadowRefuses, onlyLiveRefuses, bothRefuse, bothAdmit } = shadow.recent[name]
    return element('tr', {},
      element('th', { scope: 'row' }, name),
      ...[onlyShadowRefuses, onlyLiveRefuses, bothRefuse, bothAdmit]
        .map((count) => element('td', { class: 'number' }, formatCount(count))))
  }))
}
