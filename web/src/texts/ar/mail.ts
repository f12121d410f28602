import type { MailTexts } from "../index.js";
import { figure } from "./figure.js";

const plural = new Intl.PluralRules("ar");

/** `one` and `two` are said without the number; `few` is for 3 to 10, `many` for what is above and for zero. */
function count(value: number, one: string, two: string, few: string, many: string): string {
  const form = plural.select(value);
  if (form === "one") return one;
  if (form === "two") return two;
  return `${figure(value)} ${form === "few" ? few : many}`;
}

const everyDay = (n: number) => `كل ${count(n, "يوم", "يومين", "أيام", "يومًا")}`;
const everyWeek = (n: number) => `كل ${count(n, "أسبوع", "أسبوعين", "أسابيع", "أسبوعًا")}`;
const everyMonth = (n: number) => `كل ${count(n, "شهر", "شهرين", "أشهر", "شهرًا")}`;
const everyYear = (n: number) => `كل ${count(n, "سنة", "سنتين", "سنوات", "سنة")}`;
const results = (n: number) => count(n, "نتيجة واحدة", "نتيجتان", "نتائج", "نتيجة");

const PLACES = ["الأخير", "", "الأول", "الثاني", "الثالث", "الرابع", "الخامس"];

export const mail: MailTexts = {
  unindexed: {
    message: "لم تُفهرس أي رسائل بريد لنطاقك بعد. عند فهرستها ستظهر هنا رسائلك مع جهة الاتصال هذه.",
    appointment: "لم تُفهرس أي رسائل بريد لنطاقك بعد. عند فهرستها ستظهر هنا المواعيد مع جهة الاتصال هذه.",
    attachment: "لم تُفهرس أي رسائل بريد لنطاقك بعد. عند فهرستها ستظهر هنا المرفقات المتبادلة.",
  },
  none: {
    message: (name) => `لا توجد رسائل مع ${name}.`,
    appointment: (name) => `لا توجد مواعيد مع ${name}.`,
    attachment: (name) => `لا توجد مرفقات متبادلة مع ${name}.`,
  },
  stranger: (name) => `لست عضوًا في ${name}: لا يظهر لك ما يتبادله الآخرون معه.`,
  sent: "مُرسلة",
  received: "مُستلمة",
  untitled: "بلا موضوع",
  unnamed: "بلا اسم",
  people: (names) => `مع ${names}`,
  files: (value) => count(value, "ملف واحد", "ملفان", "ملفات", "ملفًا"),
  coming: "القادمة",
  past: "السابقة",
  allDay: "طوال اليوم",
  cancelled: "أُلغي",
  unsettled: "غير مؤكد",
  answers: {
    "needs-action": "لم ترد بعد",
    accepted: "قبلتَ الدعوة",
    declined: "اعتذرتَ عن الحضور",
    tentative: "قد تحضر",
  },
  theirAnswers: {
    "needs-action": (name) => `لم يصل رد من ${name}`,
    accepted: (name) => `قبول من ${name}`,
    declined: (name) => `اعتذار من ${name}`,
    tentative: (name) => `قبول مبدئي من ${name}`,
  },
  rule: {
    daily: everyDay,
    weekly: everyWeek,
    weeklyOn: (interval, days) => `${everyWeek(interval)}: ${days}`,
    monthly: everyMonth,
    monthlyOnDay: (interval, day) => `${everyMonth(interval)} في اليوم ${figure(day)}`,
    monthlyOn: (interval, place, weekday) => `${everyMonth(interval)}: يوم ${weekday} ${PLACES[place + 1]} من الشهر`,
    yearly: everyYear,
    repeated: "متكرر",
    until: (date) => `حتى ${date}`,
    times: (value) => count(value, "مرة واحدة", "مرتان", "مرات", "مرة"),
  },
  types: {
    document: "مستند",
    image: "صورة",
    sheet: "جدول بيانات",
    slides: "عرض تقديمي",
    archive: "ملف مضغوط",
    audio: "صوت",
    video: "فيديو",
    calendar: "تقويم",
    other: "ملف",
  },
  from: (subject) => `من ${subject}`,
  inChat: "من الدردشة",
  download: "تنزيل",
  downloadOf: (name) => `تنزيل ${name}`,
  downloading: "جارٍ تحضير التنزيل…",
  open: "فتح",
  openOf: (name) => `فتح ${name}`,
  gone: "لم يعد هذا الملف موجودًا.",
  mail: {
    back: "رجوع",
    label: "الرسالة",
    loading: "جارٍ تحميل الرسالة…",
    gone: "لم تعد هذه الرسالة موجودة.",
    named: (value, all) => `عرض ${figure(value)} من ${figure(all)}`,
    headers: { sender: "من", to: "إلى", cc: "نسخة", at: "التاريخ" },
    empty: "لا نص في هذه الرسالة.",
    cut: "الرسالة أطول مما يظهر هنا.",
    files: "المرفقات",
    moreFiles: (value) =>
      `و${count(value, "ملف آخر", "ملفان آخران", "ملفات أخرى", "ملفًا آخر")}: تجدها كلها في تبويب المرفقات.`,
    link: "فتح في بريد الويب",
  },
  search: {
    loading: "جارٍ البحث…",
    none: (words) => `لا نتائج لـ «${words}».`,
    noneYet: (words) => `لا نتائج لـ «${words}» حتى الآن.`,
    found: (value) => (value ? results(value) : "لا نتائج"),
    foundYet: (value) => `${value ? results(value) : "لا نتائج"} حتى الآن`,
    searchedTo: (date) => `شمل البحث ما يعود إلى ${date}.`,
    further: "البحث في الأقدم",
    wrong: "ابحث بكلمة إلى ثماني كلمات فيها حروف أو أرقام.",
    kinds: { chat: "رسالة دردشة", message: "رسالة", appointment: "موعد", attachment: "مرفق" },
  },
};
