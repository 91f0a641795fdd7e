// What is inside a WhatsApp message besides text and files: places, contacts, carts, polls. Every list and text has a bound.

import type { proto } from '@whiskeysockets/baileys'
import type { ContactCard, MessageContent } from '../../domain/conversation/message.ts'

type Message = proto.IMessage

const NAME_CHARS = 500
const NOTE_CHARS = 4_096
const CARDS = 50
const PHONES = 10
const VCARD_CHARS = 20_000
const OPTIONS = 50

export function structureOf(message: Message): MessageContent | null {
  return placeOf(message) ?? cardsOf(message) ?? cartOf(message) ?? pollOf(message)
}

/** At most so many characters; nothing when there are none. */
function words(text: string | null | undefined, limit: number): string | undefined {
  const cut = text?.trim().slice(0, limit)
  return cut ? cut : undefined
}

/** The field, when there is a value for it. */
function given<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V }
}

function placeOf(message: Message): MessageContent | null {
  const pin = message.locationMessage
  const live = message.liveLocationMessage
  const place = pin ?? live
  if (!place) return null
  return {
    kind: 'location',
    latitude: place.degreesLatitude ?? 0,
    longitude: place.degreesLongitude ?? 0,
    name: words(pin?.name, NAME_CHARS) ?? null,
    ...given('address', words(pin?.address, NAME_CHARS)),
    ...given('accuracy', place.accuracyInMeters || undefined),
    ...given('live', live || pin?.isLive ? (true as const) : undefined),
    ...given('comment', words(pin?.comment ?? live?.caption, NOTE_CHARS)),
  }
}

function cardsOf(message: Message): MessageContent | null {
  const contacts = message.contactMessage ? [message.contactMessage] : message.contactsArrayMessage?.contacts
  if (!contacts) return null
  return { kind: 'contact-card', count: contacts.length, cards: contacts.slice(0, CARDS).map(cardOf) }
}

function cardOf({ displayName, vcard }: proto.Message.IContactMessage): ContactCard {
  const text = (vcard ?? '').slice(0, VCARD_CHARS)
  const valuesOf = (field: string) =>
    [...text.matchAll(new RegExp(`^(?:item\\d+\\.)?${field}(?:;[^:\\r\\n]*)?:(.+)$`, 'gim'))].map(([, value = '']) =>
      value.trim().slice(0, NAME_CHARS),
    )
  return {
    name: words(displayName, NAME_CHARS) ?? valuesOf('FN')[0] ?? '',
    phones: valuesOf('TEL').slice(0, PHONES),
  }
}

function cartOf(message: Message): MessageContent | null {
  const cart = message.orderMessage
  if (!cart) return null
  return {
    kind: 'cart',
    orderId: cart.orderId ?? '',
    itemCount: cart.itemCount ?? 0,
    totalAmount1000: Number(cart.totalAmount1000 ?? 0),
    currency: cart.totalCurrencyCode ?? '',
    ...given('note', words(cart.message, NOTE_CHARS)),
  }
}

function pollOf(message: Message): MessageContent | null {
  const poll =
    message.pollCreationMessage ??
    message.pollCreationMessageV2 ??
    message.pollCreationMessageV3 ??
    message.pollCreationMessageV5
  if (!poll) return null
  const options = (poll.options ?? []).slice(0, OPTIONS).map(({ optionName }) => words(optionName, NAME_CHARS) ?? '')
  return { kind: 'poll', question: words(poll.name, NOTE_CHARS) ?? '', options }
}
