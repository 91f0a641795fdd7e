// The thread that draws invoices: one after the other, as they are asked for. Who starts and ends it is invoice-maker.ts.

import { parentPort } from 'node:worker_threads'
import type { Invoice } from '../domain/invoice/invoice.ts'
import { invoicePdf, type Seller } from './invoice-pdf.ts'

export interface InvoiceAsked {
  readonly id: number
  readonly invoice: Invoice
  readonly seller: Seller
}

export type InvoiceDrawn =
  | { readonly id: number; readonly pdf: Uint8Array }
  | { readonly id: number; readonly error: string }

const port = parentPort
if (port === null) throw new Error('invoices are drawn in a thread of their own')
let last = Promise.resolve()
port.on('message', ({ id, invoice, seller }: InvoiceAsked) => {
  last = last.then(async () => {
    try {
      port.postMessage({ id, pdf: await invoicePdf(invoice, seller) } satisfies InvoiceDrawn)
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      port.postMessage({ id, error: text } satisfies InvoiceDrawn)
    }
  })
})
