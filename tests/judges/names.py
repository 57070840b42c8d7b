"""Fifty names that are awkward to typeset, to seal or to read aloud."""

from __future__ import annotations

NAMES = (
    # Arabic, Hebrew, Persian and Urdu, and the same with Latin words among them.
    "محمد خان علي",
    "عبد الرحمٰن بن خالد",
    "فَاطِمَة الزَّهْرَاء",
    "نورة بنت محمد آل سعود",
    "נועה כהן לוי",
    "שָׂרָה בַּת־אָבִי",
    "שרה אבו-חצירא",
    "شهرزاد پیروز کیانی",
    "مهدی علی‌نژاد",
    "عائشہ گلزار چوہدری",
    "ڈاکٹر ظفرؔ اقبال",
    "محمد John Smith خان",
    "Amira محمد خان Khan",
    "נועה Cohen-Levi כהן",
    "Zahra شهرزاد Kiani",
    "Ayesha عائشہ گلزار",
    "محمد (Mo) خان",
    "محمد علي 3rd",
    "محمد محمود أحمد مصطفى حسن حسين علي إبراهيم يوسف عبد الله خان",
    # Combining marks, composed or not, and letters of Latin that few fonts have.
    "Zoe\u0308 Lefe\u0300vre",
    "Zoë Lefèvre",
    "Nguyễn Thị Ánh Tuyết",
    "Ọlámidé Ọ̀ṣúnlàdé",
    "Łukasz Żółć-Gżegżółka",
    "Ɖoe Ŋuti Ɣeli",
    "Ǻsa Þórarinsdóttir",
    "İlkay Yağmur Şengül-Öztürk",
    "q\u0307\u0323 Marks",
    # East and South Asia, and elsewhere.
    "王小明",
    "司馬 遼太郎",
    "髙橋 﨑子",
    "김민서",
    "さくら ヴァレンティナ",
    "अनिल कुमार शर्मा",
    "আনিকা রহমান",
    "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "தமிழ்ச்செல்வி",
    "สมชาย ใจดี",
    "Αλέξανδρος Παπαδόπουλος",
    "Олександра Їжакевич",
    "Արամ Խաչատրյան",
    "ნინო ჭავჭავაძე",
    "አበበ ቢቂላ",
    # Signs, and what else people type.
    "Tom O'Brien",
    "Siân ap O\N{RIGHT SINGLE QUOTATION MARK}Dŵr\N{EN DASH}Rhŷs",
    "D'Arcy \"Dee\" N'Guessan-O'Neill",
    "A <b>& B</b> #let x = 1; $y$",
    "Amira 🌻 Khan",
    "X",
    (
        "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers"
        "wessenschafewarenwohlgepflege Adolph Blaine Charles David Earl Frederick"
    ),
)
