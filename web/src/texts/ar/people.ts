import type { Texts } from "../index.js";
import { figure } from "./figure.js";

const plural = new Intl.PluralRules("ar");

/** `one` and `two` are said without the number; `few` is for 3 to 10, `many` for what is above and for zero. */
function count(value: number, one: string, two: string, few: string, many: string): string {
  const form = plural.select(value);
  if (form === "one") return one;
  if (form === "two") return two;
  return `${figure(value)} ${form === "few" ? few : many}`;
}

function contacts(value: number): string {
  return count(value, "جهة اتصال واحدة", "جهتا اتصال", "جهات اتصال", "جهة اتصال");
}

export const people: Texts["people"] = {
  navigation: {
    search: "الدردشة مع…",
    clear: "مسح البحث",
    aliases: "الأسماء المستعارة",
    people: "الأشخاص",
    contacts: "جهات الاتصال",
    writing: "يكتب…",
    unread: (value) =>
      count(value, "رسالة واحدة غير مقروءة", "رسالتان غير مقروءتين", "رسائل غير مقروءة", "رسالة غير مقروءة"),
    unreadOver: (value) => `أكثر من ${figure(value)} رسالة غير مقروءة`,
    found: (value) =>
      value
        ? `عُثر على ${count(value, "جهة اتصال واحدة", "جهتي اتصال", "جهات اتصال", "جهة اتصال")}`
        : "لم يُعثر على أي جهة اتصال",
    arriving: (value) => `${contacts(value)} حتى الآن…`,
    loading: "جارٍ تحميل جهات الاتصال…",
    none: "لا توجد جهات اتصال في نطاقك بعد.",
    nothing: (query) => `لا توجد جهة اتصال تطابق «${query}».`,
  },
  contact: {
    toolbar: "جهة الاتصال",
    chat: "دردشة",
    nobody: "اختر جهة اتصال لعرض تفاصيلها.",
    unknown: "لم تعد جهة الاتصال هذه موجودة في نطاقك.",
    loading: "جارٍ تحميل التفاصيل…",
    presence: "الحضور",
    title: "المسمى الوظيفي",
    department: "القسم",
    phones: "الهاتف",
    address: "العنوان",
    copy: "نسخ العنوان",
    copied: "نُسخ العنوان",
    notCopied: "لا يسمح المتصفح بالنسخ هنا.",
    aliases: "الأسماء المستعارة",
    alias: "اسم مستعار",
    members: "الأعضاء",
    you: "أنت",
    comma: "، ",
    more: (value) => `و${count(value, "شخص آخر", "شخصان آخران", "أشخاص آخرين", "شخصًا آخر")}`,
    all: (value) => `عرض الكل (${figure(value)})`,
    member: "أنت عضو: تقرأ كل ما يُرسل إلى هذا الاسم المستعار.",
    stranger: "لست عضوًا: لا ترى هنا إلا ما كتبته بنفسك وما جاءك ردًا عليه.",
  },
  preview: {
    tabs: "مع جهة الاتصال هذه",
    chat: "الدردشة",
    message: "الرسائل",
    appointment: "المواعيد",
    attachment: "المرفقات",
    search: (name) => `البحث في الدردشة والبريد مع ${name}`,
    results: "نتائج البحث",
    missing: "تعذر تحميل هذا الجزء من الصفحة.",
    nobody: "اختر جهة اتصال لعرض محادثاتك ورسائلك ومواعيدك ومرفقاتك معها.",
    loading: "جارٍ التحميل…",
    earlier: "عرض الأقدم",
  },
  conversations: {
    toolbar: "المحادثة",
    list: "المحادثات، الأحدث أولًا",
    open: "فتح",
    none: "لا توجد محادثات بعد",
    begin: "ألقِ التحية: تبدأ المحادثة بأول رسالة.",
    messages: (value, complete) =>
      complete ? count(value, "رسالة واحدة", "رسالتان", "رسائل", "رسالة") : `أكثر من ${figure(value)} رسالة`,
    web: "عبر بريد الويب",
    xmpp: "عبر برنامج XMPP",
  },
  problem: {
    retry: "إعادة المحاولة",
    offline: "هذا غير متاح وأنت غير متصل.",
    unreachable: "يتعذر الوصول إلى الخادم.",
    busy: "الخادم مشغول.",
    other: "لم ينجح ذلك.",
  },
};
