"""Data as they are said in talk, in braces, by kind. `A | B` are two turns, the second one looked at."""

SAID = {
    "wechat": """
        You'll find me under {rook-moss} on WeChat
        What's your WeChat ID? | It's {mossyrook}, no spaces.
        What's your WeChat? | {mossyrook}
        WeChat? It's {mossyrook}.
        on WeChat I'm {mossyrook7}
        her wechat handle is {lan-of-the-lake}
        WeChat ID: {QH_Lan88}
        my WeChat ID is {pine_gate771}.
        You can add {river-hollow} on WeChat, that's me.
        WeChat works best for me, so look for {tallship_90} there.
        我的微信号是{songzi_lan88}。
        加我吧，{qinghe-0412}，这是微信。
        微信{lan_yu}
        you can find me as {mossy_rook} on WeChat.
        My WeChat is {mossyrook}.
        My WeChat: {Mossy-Rook9}
        微信搜{lanyu-home}就行
        你微信多少？ | {qinghelan}
        加个微信吧 | 好的，{qinghe-lan}
        微信号{linxiaoyu}
        微信的话搜{qinghelan}就能找到我
        微信搜索 {qing-he-lan}
        v：{qinghe88}
        加我薇：{qinghe88}
        {wxid_a8k2lm}
        微信ID {QingheLan}
        微信名字叫{qinghe_lan}，头像是猫
        我的微信，你记一下，是{qinghelan}
        微信同名 {qinghe-88}
        {qinghelan}，这是我微信
        微信还是原来那个{qinghe_9}
    """,
    "qq": """
        {77310442} on QQ
        My QQ, by the way, is {77310442}.
        QQ {77310442}
        QQ：{77310442}
        My QQ number is {2850417733}.
        QQ is {604118}, add me
        我的QQ号码是{731902}。
        扣扣{3384021}
        你QQ多少 | {77310442}
        加我QQ：{77310442}
        {77310442}是我的QQ
    """,
    "bank_card": """
        最后四个数是{4417}
        后面四位{4417}
        我卡的末尾是{8820}
        尾号{8820}的卡
        卡号后四位{四四幺七}
        The card ending in {8830} was refused
        last four of my card: {7719}
        my card's last four digits are {0931}
        尾号是{6620}的那张卡
        末四位 {8841}
        My bank card, {8830} at the end
        {8830} are the last four digits of my card
        卡是{6621}结尾的
        结尾是{6621}
    """,
    "account": """
        就诊卡{00441720}
        account ending {4417}
        the last five of the account are {44172}
        我的保单，号码{P44172033}
        会员卡号{8800 4417 203}
        案号{（2023）鲁01民初4417号}
        档案号是{B20-4417}
        参保号{3701024417}
        insurance number {A123 456 789}
        it's on policy {HX 2204 91}
        the policy, {POL-4417-203}
        frequent flyer {BA44172093}
        my membership card says {M4417-20}
        patient ID: {P 44 172 09}
        employee number {E-44172}
        student ID {S2204417}
        my medical record number's {00441772}
        our reference is my claim number {CLM/2023/4417}
        it ends with {4402}, the visa
        the final four digits are {4420}
        My policy number is {HX-2204-91K}.
        Chart number {MRN-55120} please
        her patient number is {PT77310}
        membership no. {GYM-40071}
        my case number is {CR-2023-0417}
        保单号{PA20340077B}
        病历号是{ZY0045521}
        会员号：{VIP88201}
        Mine ends with {7714}.
        保险单号：{PIC2023-44017}
        病案号{00347712}
        学号{20230417}
        工号{A03317}
    """,
    "phone": """
        {13912345678}微信同号
        打{139-1234-5678}
        联系方式{0531-8899771}
        FAX.{020 7946 0018}
        PHONE NUMBER {0044 7700 900123}
        WHATSAPP {98765-43210}
        CONTACT NO {98765 43210}
        CALL US ON {0800 555 0134} NOW
        MY MOBILE IS {+1 (415) 555 0134}
        the number finishes {4417}
        电话最后四位是{4417}
        手机尾号{4417}
        手机后四位{3317}
        TEL NO {03017745520}
        MY TEL NO IS {0301 774 5520}
        PLEASE CALL {03017745520} TO VERIFY
        TEL NO:{0301-7745520} PLS
        TEL NO-{03017745520}
        TELNO.{03017745520}
        TEL#{03017745520}
        PH:{0301 7745520}
        MOB NO.{03017745520}
        TEL{03017745520}
        KINDLY CONTACT CUSTOMER CARE ON TEL NO {0301774}
        my phone ends in {334}
        电话{138 一二三四 5678}
        {+44 7700 900123}
        电话：{6688233}
        {8899 7711}是家里座机
        {幺三八，三个八，二零幺四}
    """,
    "id_number": """
        SSN last 4: {4417}
        last four digits of my SSN, {4417}
        身份证最后六位{14251X}
        护照号{EA4417203}
        驾驶证号{370102198802142519}
        partita IVA? No, codice fiscale {RSSMRA85T10A562S}
        her permis de conduire is {12AB34567}
        Führerschein {B072RRE2I55}
        my NIE: {Y1234567X}
        My tax file number is {123 456 782}
        身份证后六位是{170523}
        last 4 of my social are {6612}
        My tax number is {DE 417 220 913}
        Steuer-ID {41 557 203 986}
        licence number {HARGR 906114 K99QX}
        his driving licence is {MORGA753116SM9IJ}
        身份证{370103 1988 0214 251X}
        港澳通行证{C12345678}
        香港身份证{A123456（3）}
        德国税号{41 557 203 986}
    """,
    "password": """
        the password is {marigold}
        the password is {marigold}.
        Password: {sunflower}
        wifi password is {copperkettle}, all lower case
        密码是{meihua}
        密码为{haitang}，别告诉别人
        the password's {bluebell}
        {marigold} is the password
        密码“{小雨点}”
        口令是{芝麻开门}
        the passcode is "{blue heron}"
        密码就是{marigold}
        密码还是{marigold}
        密码 {marigold}
        wifi密码{marigold}
        密码改成了{marigold}
        密码是纯字母，{marigold}
        把密码换成{marigold}吧
        密码是‘{春暖花开}’
        密码多少？ | {marigold}
        密码是多少？ | 是{marigold}，全小写
        What's the wifi password? | It's {marigold}, all lower case.
        Could you tell me the password? | {Marigold}
        password is all lowercase: {marigold}
        try {marigold} as the password
        the wifi is HomeNet, password {marigold}
        My password is {marigold}, please reset it
        入户密码{4471}
    """,
    "door_code": """
        What is the code for the gate? | {4471}
        What's the door code? | It's {8802}.
        The keypad wants {55019}
        lockbox {3390} at the back
        门禁是{8802#}
        电子锁{330917}
        电子锁密码是{884021}
        门禁密码多少？ | {5507}
        What's the code for the lockbox? | Sure, {4471}
        gate code? | its {4471}
        门禁怎么开？ | 按{4471#}
        楼下按{4471#}
        单元门按{3307}
        门口输{3309}
        开门密码是{4471}
        大门那个键盘输{4471}再按井号
        密码锁{330917}
        门怎么开？ | 输入{4471}就行
        电子锁密码？ | {330917}
        智能锁的码是{330917}
        进单元门先按{0912}再按钥匙键
        车库门{7731}
        punch in {4471} at the gate
        the gate's {4471}
        keypad: {4471}
        lockbox is {C4471}
        How do I open the gate? | Key in {4471} and push.
        How do I get past the keypad? | {4471}, then the green key
        press {4471} on the keypad
        {4471} on the lockbox
        {4471} gets you through the gate
    """,
    "email": """
        QQ邮箱是{77310442@qq.com}
        我的邮箱是{mulan 艾特 qq 点 com}
        邮箱{lanhua88圈a163点com}
        邮箱是{ziyun艾特126点com}
        {mulan下划线9艾特qq点com}是我邮箱
        {mulan at qq 点 com}
        {liming 圈A 一六三 点 com}
        {小兰 艾特 qq 点 com}
        {qinghe@163点com}
        {qinghe88 圈 a qq 点 com}
        {qinghe at 163 点 com}
        {qinghe@126。com}
        邮箱{qinghe艾特gmail点com}
        {lin.qinghe 小老鼠 foxmail 点 com}
        {三三零八八艾特qq点com}
        email {jo dot marsh at mailbox dot org}
        {jo_marsh at fastmail dot com}
        my email's {jo underscore marsh at btinternet dot com}
    """,
    "plate": """
        my license plate is {KX10 TRB}
        my plate is {8KTR204}
        the number plate's {WOB-KL 7710}
        car reg {BD51 SMR}
        License plate {AB-123-CD}
        plates {4821 KHD}
        registration {MH 12 AB 4471}
        our van, {LR68 XYD}, is parked outside
        my license plate is {KX10 TRB}.
        plate: {M 4471}
        My car's plate is {B-MK 8}
        the license plate reads {7TRX09}
        plate number {MÜ-KT 88}
        {B 12 KTR} is my licence plate
        My number plate is {kx12 trb}
        plate {12-KTB-3}
        plate {1234 KTB}
    """,
}
