import { figure } from "./figure.js";

const rules = new Intl.PluralRules("ar");

/** One, two, a few (3–10), many (11–99), or any other number of things. */
function counted(count: number, forms: { one: string; two: string; few: string; many: string; other: string }): string {
  const rule = rules.select(count);
  if (rule === "one" || rule === "two") return forms[rule];
  const noun = rule === "few" ? forms.few : rule === "many" ? forms.many : forms.other;
  return `${figure(count)} ${noun}`;
}

const members = (count: number) =>
  counted(count, { one: "عضو واحد", two: "عضوان", few: "أعضاء", many: "عضوًا", other: "عضو" });
const newMessages = (count: number) =>
  counted(count, {
    one: "رسالة جديدة",
    two: "رسالتان جديدتان",
    few: "رسائل جديدة",
    many: "رسالة جديدة",
    other: "رسالة جديدة",
  });
/** After a preposition: in the genitive. */
const bytes = (count: number) =>
  counted(count, { one: "بايت واحد", two: "بايتين", few: "بايتات", many: "بايتًا", other: "بايت" });
const reached = (count: number) =>
  counted(count, { one: "عضو واحد", two: "عضوين", few: "أعضاء", many: "عضوًا", other: "عضو" });
const reachedOthers = (count: number) =>
  counted(count, {
    one: "عضو آخر واحد",
    two: "عضوين آخرين",
    few: "أعضاء آخرين",
    many: "عضوًا آخر",
    other: "عضو آخر",
  });
const WHEN = "المتصلون فورًا، والآخرون عند عودتهم.";

export const chat = {
  window: {
    alias: "عنوان مشترك",
    members,
    offline: (name: string) => `أنت غير متصل في بريد الويب. لا تستقبل شيئًا هنا، ويظهر ${name} غير متاح.`,
    goAvailable: "الظهور متاحًا",
  },
  list: {
    label: (name: string) => `الرسائل مع ${name}`,
    loading: "جارٍ تحميل الرسائل…",
    beginning: "بداية السجل",
    empty: "لا توجد رسائل بعد",
    offline: "تظهر الرسائل عندما تصبح متاحًا من جديد.",
    failed: "تعذّر تحميل الرسائل.",
    retry: "أعد المحاولة",
    line: "جديد",
    newest: "إلى أحدث رسالة",
    fresh: newMessages,
    you: "أنت",
    came: (name: string, body: string) => `${name}: ${body}`,
  },
  message: {
    xmpp: "أُرسلت من برنامج XMPP",
    reply: "الرد على المرسل",
    replyTo: (name: string) => `الرد على المرسل: محادثة ${name}`,
    marks: {
      waiting: "بانتظار الاتصال",
      sending: "جارٍ الإرسال",
      stored: "أُرسلت",
      read: "قُرئت",
      failed: "لم تُرسل",
    },
    id: "معرّف الرسالة:",
    retry: "أعد المحاولة",
    discard: "تجاهل",
    problems: {
      unreachable: "لم يصل أي رد.",
      busy: "خدمة المحادثة مشغولة الآن.",
      internal: "حدث خلل في خدمة المحادثة.",
      too_long: "الرسالة أطول من المسموح.",
      bad_text: "فيها رموز لا يمكن إرسالها.",
      gone: "لم تعد جهة الاتصال موجودة.",
      blocked: "أحدكما حظر الآخر.",
      offline: "أنت غير متصل في بريد الويب.",
      clock: "ساعة هذا الجهاز غير صحيحة.",
      other: "رفضتها خدمة المحادثة.",
    },
  },
  typing: {
    one: (name: string) => `‏${name} يكتب الآن…`,
    two: (first: string, second: string) => `‏${first} و${second} يكتبان الآن…`,
    several: (count: number) =>
      `${counted(count, { one: "شخص واحد", two: "شخصان", few: "أشخاص", many: "شخصًا", other: "شخص" })} يكتبون الآن…`,
  },
  composer: {
    label: (name: string) => `رسالة إلى ${name}`,
    placeholder: "اكتب رسالة",
    send: "إرسال",
    waits: "لا يوجد اتصال. تُحفظ رسالتك وتُرسل عند عودة الاتصال.",
    offline: "أنت غير متصل في بريد الويب. اختر «متاح» لتكتب.",
    gone: (name: string) => `لم يعد ${name} من جهات الاتصال. تبقى الرسائل هنا.`,
    left: (count: number) => `المتبقي: ${bytes(count)}`,
    over: (count: number) => `تتجاوز الرسالة الحد بمقدار ${bytes(count)}. اختصرها أو أرسلها على جزأين.`,
    members: (name: string, count: number) => `تصل إلى ${reached(count)} في ${name}: ${WHEN}`,
    others: (name: string, count: number) => `تصل إلى ${reachedOthers(count)} في ${name}: ${WHEN}`,
    all: (name: string) => `تصل إلى جميع أعضاء ${name}: ${WHEN}`,
    nobody: (name: string) => `لا أعضاء آخرين في ${name}: لن تصل الرسالة إلى أحد.`,
  },
  transcript: {
    title: (name: string) => `محادثة مع ${name}`,
    label: "رسائل المحادثة",
    unknown: "لم تعد هذه المحادثة موجودة.",
    more: "عرض المزيد",
    end: "نهاية المحادثة",
    chat: "محادثة",
  },
};
