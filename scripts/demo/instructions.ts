// What a person can do by hand with a demo that is left running: addresses, account, and each move as a line of curl.

import { AMAL, OWNER, SHOP } from './cast.ts'
import type { Stage } from './stage.ts'

/** @returns lines of text; phone numbers in addresses are digits only */
export function instructions(
  { url, simulator: { control }, dataDir }: Pick<Stage, 'url' | 'simulator' | 'dataDir'>,
  token: string,
) {
  const digits = (phone: string) => phone.slice(1)
  const json = `-H 'content-type: application/json'`
  return [
    `API and its documentation   ${url()}`,
    `simulated WhatsApp          ${control}`,
    `account                     ${OWNER.email}, password "${OWNER.password}"`,
    `data (gone at the end)      ${dataDir}`,
    '',
    `TOKEN=${token}`,
    '',
    `A customer writes, and reads what came back:`,
    `  curl -X POST ${control}/customers/${digits(AMAL.phone)}/send ${json} \\`,
    `    -d '{"to":"${digits(SHOP.phone)}","text":"ORDER Blue Mug:1","addressing":"${AMAL.addressing}"}'`,
    `  curl ${control}/customers/${digits(AMAL.phone)}/inbox`,
    `Staff read and answer:`,
    `  curl ${url()}/api/orders -H "authorization: Bearer $TOKEN"`,
    `  curl ${url()}/api/whatsapp/conversations -H "authorization: Bearer $TOKEN"`,
    `  curl -X POST ${url()}/api/whatsapp/send-message -H "authorization: Bearer $TOKEN" ${json} \\`,
    `    -d '{"to":"${AMAL.phone}","message":"It is ready"}'`,
    `The phone logs the server out; then connect again, take the QR and scan it:`,
    `  curl -X POST ${control}/phones/${digits(SHOP.phone)}/logout`,
    `  curl -X POST ${url()}/api/whatsapp/connect -H "authorization: Bearer $TOKEN"`,
    `  curl ${url()}/api/whatsapp/qr -H "authorization: Bearer $TOKEN" -H 'accept: application/json'   # "qr"`,
    `  curl -X POST ${control}/phones/${digits(SHOP.phone)}/scan ${json} -d '{"qr":"the text of the QR"}'`,
  ]
}
