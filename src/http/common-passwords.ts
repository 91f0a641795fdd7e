// The passwords that attackers try first, of those long enough to be allowed at all, in lower case.

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  password password1 password2 password3 password12 password123 password1234 password12345 passw0rd p@ssw0rd p@ssword pa55word
  pa$$word passwort passport password! password01 mypassword newpassword letmein1 letmein123 welcome1 welcome12 welcome123
  admin123 admin1234 admin12345 adminadmin administrator changeme changeme1 changeme123 default1 testtest test1234 test12345
  testing1 testing123 guest123 user1234 root1234 rootroot toortoor secret12 secret123 master12 master123 monkey12 monkey123
  dragon12 dragon123 qwerty12 qwerty123 qwerty1234 qwerty12345 qwertyui qwertyuiop qwertyqwerty qwertzui qwertzuiop azertyui
  azertyuiop asdfghjk asdfghjkl asdfasdf asdf1234 asdfqwer zxcvbnm1 zxcvbnm123 zaq12wsx zaq1zaq1 1qaz2wsx 1qaz2wsx3edc 1q2w3e4r
  1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 qazwsxedc qazwsx123 1qazxsw2 !qaz2wsx 12345678 123456789 1234567890 12345678910
  123456789a 123456789q 0123456789 01234567 87654321 987654321 9876543210 0987654321 11111111 111111111 1111111111 00000000
  000000000 0000000000 22222222 33333333 44444444 55555555 66666666 77777777 88888888 888888888 99999999 999999999 12341234
  12344321 12121212 123123123 123321123 11223344 1122334455 11112222 10203040 10101010 13131313 20202020 21212121 69696969
  14725836 147258369 147852369 159753456 789456123 741852963 963852741 456789123 31415926 19841984 a1234567 a12345678 a123456789
  aa123456 aa12345678 abc12345 abc123456 abcd1234 abcdefgh abcdefghi abcdefg1 abc123abc aaaaaaaa aaaaaaaaa qqqqqqqq zzzzzzzz
  xxxxxxxx asdasdasd qweqweqwe qweasdzxc qwe12345 qwerasdf q1234567 q12345678 z1234567 x1234567 g1234567 m1234567 1234abcd
  1234qwer 123qweasd 123qwe123 12345qwert 123456qwerty 123abc123 1a2b3c4d iloveyou iloveyou1 iloveyou2 iloveyou! iloveme1
  sunshine sunshine1 princess princess1 football football1 baseball baseball1 basketball superman superman1 batman123
  trustno1 trustno11 starwars starwars1 whatever whatever1 computer computer1 internet internet1 michelle michelle1 jennifer
  jennifer1 jonathan victoria elizabeth alexander alexandra charlie1 charlie123 michael1 jessica1 ashley12 daniel12 jordan23
  jordan123 thomas12 thunder1 chocolate butterfly midnight mustang1 maverick marlboro corvette mercedes samantha nicholas
  danielle stephanie christian christopher isabella gabriel1 william1 anthony1 madison1 hello123 hello1234 hellohello helloworld
  hunter12 hunter123 killer12 killer123 liverpool liverpool1 chelsea1 arsenal1 barcelona realmadrid juventus manchester
  manutd123 pokemon1 pokemon123 minecraft minecraft1 fortnite nintendo playstation blink182 metallica rockstar rockyou1
  snowball snoopy12 spiderman spiderman1 scorpion simpsons december november october1 september february january1 summer12
  summer123 summer2020 summer2021 summer2022 summer2023 summer2024 winter12 winter123 winter2020 winter2021 winter2022
  winter2023 winter2024 spring2023 spring2024 autumn2023 freedom1 forever1 forever21 lovelove loveyou1 lovers12 myspace1
  facebook facebook1 google123 linkedin linkedin1 whatsapp whatsapp1 whatsapp123 microsoft windows1 samsung1 samsung123 iphone12
  access14 cocacola cooldude cheyenne blessed1 bismillah assalamualaikum alhamdulillah dolphins einstein firebird ginger12
  goldfish harley12 hardcore honda123 jackson1 jasmine1 kristina lakers24 lovebug1 motorola patricia peekaboo pineapple porsche1
  precious qwert123 qwert12345 redskins richard1 security security1 shadow12 shadow123 slipknot softball startrek stargate
  steelers swordfish target123 tinkerbell tottenham universe vanessa1 veronica warcraft wildcats yankees1 yamaha12 yourmom1
  zaqxswcde letmeinn letmeinnow openseame opensesame godblessyou jesus123 jesuschrist christ123 temppass temp1234 temporary
  company1 company123 business1 business123 welcome2 welcome2023 welcome2024 p4ssw0rd p4ssword pass1234 pass12345 passpass
  passw0rd1 passw0rd123 p@ssw0rd1 p@ssw0rd123 p@ss1234 p@ss12345 qwer1234 qwer4321 zxcv1234 zxcvbnm, zxcvzxcv 1234567a 12345678a
  12345678q 123456ab 123456abc 123456aa 1234567q 5201314520 woaini1314 woaini520 caonima123 1314520520 asd123456 asd12345 zxc12345
  zxc123456 aaa12345 qaz12345 qaz123456 7777777a fuckyou1 fuckyou2 fuckyou123 fuckoff1 asshole1 bullshit
  `
    .split(/\s+/)
    .filter((word) => word !== ''),
)
